import type { SchemaElement, SchemaTree } from "hyparquet";
import { parquetSchema, type FileMetaData } from "hyparquet";
import { TEXT, type ColumnType, type TimeUnit } from "../../columns/column-type.ts";

/** A leaf of the schema: what has pages of its own. */
export interface Leaf {
  readonly kind: "leaf";
  readonly type: ColumnType;
  readonly element: SchemaElement;
  /** The elements from the root to it. */
  readonly path: readonly SchemaTree[];
  /** Its number among the leaves of the file. */
  readonly number: number;
  /** The definition level of a value that is there. */
  readonly level: number;
  readonly isOptional: boolean;
}

/** A column, or what lies in one. */
export type Node =
  | Leaf
  | {
      readonly kind: "struct";
      readonly type: ColumnType;
      readonly level: number;
      readonly isOptional: boolean;
      readonly fields: readonly (readonly [name: string, node: Node])[];
    }
  | {
      readonly kind: "list" | "map";
      readonly type: ColumnType;
      /** The definition level of one that is there, if it has no items. */
      readonly level: number;
      readonly isOptional: boolean;
      /** The levels of an item. */
      readonly itemLevel: number;
      readonly itemRepetition: number;
      /** The items of a list, or keys and values. */
      readonly items: readonly [Node] | readonly [keys: Node, values: Node];
    };

/** The columns of a file, and all leaves in them. */
export interface ParquetColumns {
  readonly columns: readonly (readonly [name: string, node: Node])[];
  readonly leaves: readonly Leaf[];
}

/** The columns that the footer of a file tells of. */
export function columnsOf(metadata: FileMetaData): ParquetColumns {
  const root = parquetSchema(metadata);
  const leaves: Leaf[] = [];
  const columns = root.children.map(
    (child) =>
      [child.element.name, nodeOf(child, { path: [root], level: 0, repetition: 0 }, leaves)] as const,
  );
  return { columns, leaves };
}

/** The leaves that a node has. */
export function leavesOf(node: Node): readonly Leaf[] {
  if (node.kind === "leaf") return [node];
  const inner = node.kind === "struct" ? node.fields.map(([, field]) => field) : node.items;
  return inner.flatMap((each) => leavesOf(each));
}

interface Place {
  readonly path: readonly SchemaTree[];
  readonly level: number;
  readonly repetition: number;
}

function nodeOf(tree: SchemaTree, outer: Place, leaves: Leaf[]): Node {
  const path = [...outer.path, tree];
  if (tree.element.repetition_type === "REPEATED") {
    // A repeated field that no list encloses is a list of its own.
    const place = { path, level: outer.level + 1, repetition: outer.repetition + 1 };
    return listNode("list", [innerNode(tree, place, false, leaves)], outer.level, false, place);
  }
  const isOptional = tree.element.repetition_type === "OPTIONAL";
  return innerNode(tree, { ...outer, path, level: outer.level + (isOptional ? 1 : 0) }, isOptional, leaves);
}

/** The node of an element whose own repetition is settled. */
function innerNode(tree: SchemaTree, place: Place, isOptional: boolean, leaves: Leaf[]): Node {
  const { element, children } = tree;
  const { path, level } = place;
  if (element.type !== undefined) {
    const leaf: Leaf = {
      kind: "leaf",
      type: typeOf(element),
      element,
      path,
      number: leaves.length,
      level,
      isOptional,
    };
    leaves.push(leaf);
    return leaf;
  }
  const [repeated] = children;
  if (repeated !== undefined && children.length === 1 && repeated.element.repetition_type === "REPEATED") {
    const items = { path: [...path, repeated], level: level + 1, repetition: place.repetition + 1 };
    const [first, second] = repeated.children;
    if (isAnnotated(element, "MAP") && first !== undefined && second !== undefined) {
      const pair = [nodeOf(first, items, leaves), nodeOf(second, items, leaves)] as const;
      return listNode("map", pair, level, isOptional, items);
    }
    if (isAnnotated(element, "LIST")) {
      const item =
        isWrapper(repeated, element.name) && first !== undefined
          ? nodeOf(first, items, leaves)
          : innerNode(repeated, items, false, leaves);
      return listNode("list", [item], level, isOptional, items);
    }
  }
  const fields = children.map((child) => [child.element.name, nodeOf(child, place, leaves)] as const);
  const types = new Map(fields.map(([name, field]) => [name, field.type]));
  return { kind: "struct", type: { type: "struct", fields: types }, level, isOptional, fields };
}

/** Whether a list's repeated group only holds the item: early writers left it out. */
function isWrapper({ element, children }: SchemaTree, list: string): boolean {
  return children.length === 1 && element.name !== "array" && element.name !== `${list}_tuple`;
}

function isAnnotated({ converted_type, logical_type }: SchemaElement, kind: "LIST" | "MAP"): boolean {
  return (
    logical_type?.type === kind ||
    converted_type === kind ||
    (kind === "MAP" && converted_type === "MAP_KEY_VALUE")
  );
}

function listNode(
  kind: "list" | "map",
  items: readonly [Node] | readonly [Node, Node],
  level: number,
  isOptional: boolean,
  inner: Place,
): Node {
  const [keys, values] = items;
  const type: ColumnType =
    kind === "map" && values !== undefined
      ? { type: "map", keys: keys.type, values: values.type }
      : { type: "list", of: keys.type };
  return { kind, type, level, isOptional, items, itemLevel: inner.level, itemRepetition: inner.repetition };
}

const UNITS: Readonly<Record<string, TimeUnit>> = { MILLIS: "millis", MICROS: "micros", NANOS: "nanos" };

/** The type of a leaf. What this product has no type for is bytes. */
function typeOf(element: SchemaElement): ColumnType {
  const { type, type_length: length } = element;
  return typeOfLogical(element) ?? typeOfConverted(element) ?? typeOfStored(type, length);
}

function typeOfLogical({ logical_type: logical }: SchemaElement): ColumnType | undefined {
  if (logical?.type === "TIMESTAMP" || logical?.type === "TIME") {
    const type = logical.type === "TIME" ? "time" : "timestamp";
    return { type, unit: UNITS[logical.unit] ?? "millis", utc: logical.isAdjustedToUTC };
  }
  if (logical?.type === "FLOAT16") return { type: "float", bits: 16 };
  if (logical?.type === "UUID") return { type: "uuid" };
  if (logical?.type === "JSON") return { type: "json" };
  // A column of nothing but nulls has any type.
  if (logical?.type === "STRING" || logical?.type === "ENUM" || logical?.type === "NULL") return TEXT;
  return logical?.type === "INTEGER" ? integerOf(logical.bitWidth, logical.isSigned) : undefined;
}

function typeOfConverted({
  converted_type,
  logical_type,
  precision = 0,
  scale = 0,
}: SchemaElement): ColumnType | undefined {
  const [kind = "", bits] = converted_type?.split("_") ?? [];
  if (kind === "DECIMAL") return { type: "decimal", precision, scale };
  if (logical_type?.type === "DECIMAL")
    return { type: "decimal", precision: logical_type.precision, scale: logical_type.scale };
  if (kind === "DATE" || logical_type?.type === "DATE") return { type: "date" };
  if (kind === "TIME") return { type: "time", unit: UNITS[bits ?? ""] ?? "millis", utc: true };
  if (kind === "TIMESTAMP") return { type: "timestamp", unit: UNITS[bits ?? ""] ?? "millis", utc: true };
  if (kind === "INT" || kind === "UINT") return integerOf(Number(bits), kind === "INT");
  if (kind === "UTF8" || kind === "ENUM") return TEXT;
  return kind === "JSON" ? { type: "json" } : undefined;
}

const STORED: Partial<Record<NonNullable<SchemaElement["type"]>, ColumnType>> = {
  BOOLEAN: { type: "boolean" },
  INT32: { type: "integer", bits: 32, signed: true },
  INT64: { type: "integer", bits: 64, signed: true },
  INT96: { type: "timestamp", unit: "nanos", utc: false },
  FLOAT: { type: "float", bits: 32 },
  DOUBLE: { type: "float", bits: 64 },
  BYTE_ARRAY: { type: "bytes" },
};

function typeOfStored(type: SchemaElement["type"], length = 0): ColumnType {
  return (type === undefined ? undefined : STORED[type]) ?? { type: "bytes", length };
}

function integerOf(bits: number, signed: boolean): ColumnType {
  return { type: "integer", bits: bits === 8 || bits === 16 || bits === 64 ? bits : 32, signed };
}
