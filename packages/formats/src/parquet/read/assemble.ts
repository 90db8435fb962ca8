import { setCell, type Row } from "@parallel-parrot/core";
import type { LeafColumn } from "./leaf-column.ts";
import { leavesOf, type Node } from "./parquet-schema.ts";

/** Takes the next cell of a column from the leaves that it is made of. */
export type Assemble = () => unknown;

/** What puts the cells of a column together. */
export function assembler(node: Node, leaves: readonly LeafColumn[]): Assemble {
  const own = leavesOf(node).flatMap(({ number }) => leaves[number] ?? []);
  const [first] = own;
  if (first === undefined) return () => null;
  const present = presentAssembler(node, first, leaves);
  if (node.kind === "leaf") return present;
  return () => {
    if (!node.isOptional || first.level >= node.level) return present();
    for (const leaf of own) leaf.take();
    return null;
  };
}

function presentAssembler(node: Node, first: LeafColumn, leaves: readonly LeafColumn[]): Assemble {
  if (node.kind === "leaf") return () => first.take() ?? null;
  if (node.kind === "struct") {
    const fields = node.fields.map(([name, field]) => [name, assembler(field, leaves)] as const);
    return () => {
      const struct: Row = {};
      for (const [name, take] of fields) setCell(struct, name, take());
      return struct;
    };
  }
  const own = leavesOf(node).flatMap(({ number }) => leaves[number] ?? []);
  const [items, values] = node.items.map((item) => assembler(item, leaves));
  const { itemLevel, itemRepetition } = node;
  const takeAll = (takeItem: () => void): void => {
    if (first.level < itemLevel) {
      for (const leaf of own) leaf.take();
      return;
    }
    do takeItem();
    while (first.repetition >= itemRepetition);
  };
  if (values === undefined) {
    return () => {
      const list: unknown[] = [];
      takeAll(() => list.push(items?.()));
      return list;
    };
  }
  if (node.type.type === "map" && node.type.keys.type === "text") {
    return () => {
      const map: Row = {};
      takeAll(() => setCell(map, String(items?.()), values()));
      return map;
    };
  }
  return () => {
    const pairs: unknown[] = [];
    takeAll(() => pairs.push([items?.(), values()]));
    return pairs;
  };
}
