import { getCell, isPlainObject } from "@parallel-parrot/core";
import type { Expression, PrivateIdentifier, SpreadElement, Super } from "acorn";
import { plain, type Notes, type Term } from "./term.ts";

/** A part of an expression. */
export type Node = Expression | PrivateIdentifier | Super | SpreadElement;

/** The steps of a name: one for a column, more for a path such as `meta.lang`. `undefined` for anything else. */
export function pathOf(node: Node): readonly string[] | undefined {
  const steps: string[] = [];
  let part = node;
  while (part.type === "MemberExpression" && !part.optional) {
    const step = stepOf(part.property, part.computed);
    if (step === undefined) return undefined;
    steps.unshift(step);
    part = part.object;
  }
  const root = columnOf(part);
  return root === undefined ? undefined : [root, ...steps];
}

/** A column by its bare name or in backticks. */
function columnOf(node: Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type !== "TemplateLiteral" || node.expressions.length > 0) return undefined;
  return node.quasis[0]?.value.raw;
}

/** The cell at a path: of the column that is called like all of it, or else within that of its first step. */
export function cellAt(root: string, path: readonly string[]): Term {
  if (path.length === 0) return (row) => plain(getCell(row, root));
  const name = [root, ...path].join(".");
  return (row, notes) => {
    if (Object.hasOwn(row, name)) return plain(row[name]);
    return plain(path.reduce((value, step) => memberOf(value, step, notes), getCell(row, root)));
  };
}

function stepOf(property: Node, isComputed: boolean): string | undefined {
  if (!isComputed) return property.type === "Identifier" ? property.name : undefined;
  if (property.type !== "Literal") return undefined;
  const { value } = property;
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

/** A member of an object or a list, provided that it is its own. */
function memberOf(value: unknown, step: string, notes: Notes): unknown {
  if (Array.isArray(value)) return /^\d+$/.test(step) ? value[Number(step)] : undefined;
  if (isPlainObject(value)) return getCell(value, step);
  if (value !== null && value !== undefined) notes.isOdd = true;
  return undefined;
}
