import { isPlainObject, type Row } from "@parallel-parrot/core";
import { DOUBLE, INT64, TEXT, type ColumnType, type ColumnTypes } from "./column-type.ts";

/** Objects with more members than this, or lying deeper, are text: they are maps rather than records. */
const MAX_FIELDS = 1000;
const MAX_DEPTH = 20;

/** What the cells of a column were so far. */
interface Seen {
  readonly kinds: Set<Kind>;
  /** Of lists, what their items were. */
  items?: Seen;
  /** Of objects, what their members were. */
  fields?: Map<string, Seen>;
}

type Kind = "boolean" | "integer" | "long" | "number" | "text" | "list" | "struct" | "other";

/**
 * Finds the types of columns whose cells have types of their own, as in JSON. A type holds all cells that were added;
 * where no other does, it is text. Nulls say nothing.
 */
export class ColumnTypeFinder {
  readonly #columns = new Map<string, Seen>();

  add(row: Row): void {
    for (const column of Object.keys(row)) add(seenOf(this.#columns, column), row[column], 0);
  }

  /** The types of all columns so far, in the order in which the columns first appeared. */
  get types(): ColumnTypes {
    return new Map([...this.#columns].map(([column, seen]) => [column, typeOf(seen)]));
  }
}

function seenOf(columns: Map<string, Seen>, column: string): Seen {
  const known = columns.get(column);
  if (known !== undefined) return known;
  const seen: Seen = { kinds: new Set() };
  columns.set(column, seen);
  return seen;
}

function add(seen: Seen, cell: unknown, depth: number): void {
  if (cell === null || cell === undefined) return;
  const kind = depth > MAX_DEPTH ? "other" : kindOf(cell);
  seen.kinds.add(kind);
  // What is text already stays text, whatever lies in it.
  if (seen.kinds.has("other")) return;
  if (kind === "list" && Array.isArray(cell)) {
    seen.items ??= { kinds: new Set() };
    for (const item of cell) add(seen.items, item, depth + 1);
  }
  if (kind !== "struct" || !isPlainObject(cell)) return;
  seen.fields ??= new Map();
  for (const name of Object.keys(cell)) add(seenOf(seen.fields, name), cell[name], depth + 1);
  if (seen.fields.size > MAX_FIELDS) seen.kinds.add("other");
}

function kindOf(cell: unknown): Kind {
  if (typeof cell === "string") return "text";
  if (typeof cell === "boolean") return "boolean";
  if (typeof cell === "number") return Number.isSafeInteger(cell) ? "integer" : "number";
  if (typeof cell === "bigint") return BigInt.asIntN(64, cell) === cell ? "long" : "other";
  if (Array.isArray(cell)) return "list";
  return isPlainObject(cell) ? "struct" : "other";
}

function typeOf({ kinds, items, fields }: Seen): ColumnType {
  const only = (...allowed: readonly Kind[]): boolean =>
    kinds.size > 0 && [...kinds].every((kind) => allowed.includes(kind));
  if (only("boolean")) return { type: "boolean" };
  if (only("integer", "long")) return INT64;
  if (only("integer", "number")) return DOUBLE;
  if (only("list")) return { type: "list", of: items === undefined ? TEXT : typeOf(items) };
  if (only("struct") && fields !== undefined && fields.size > 0)
    return { type: "struct", fields: new Map([...fields].map(([name, field]) => [name, typeOf(field)])) };
  return TEXT;
}
