import { isDeepStrictEqual } from "node:util";
import { DOUBLE, finestOf, INT64, TEXT, type ColumnType, type ColumnTypes } from "./column-type.ts";

/** An integer that no JavaScript number holds: of the type of integers, but not to be mixed with fractions. */
export const LONG: ColumnType = { ...INT64 };
export const BOOLEAN: ColumnType = { type: "boolean" };
export const BYTES: ColumnType = { type: "bytes" };
export const DATE: ColumnType = { type: "date" };

/** Finds a type for each column from the types of its cells: the narrowest that holds them all. */
export class CellTypeFinder {
  readonly #columns = new Map<string, Set<ColumnType>>();

  /** @param type one of a few objects, which are told apart by their identity; `undefined` for an empty cell */
  add(column: string, type: ColumnType | undefined): void {
    let types = this.#columns.get(column);
    if (types === undefined) {
      types = new Set();
      this.#columns.set(column, types);
    }
    if (type !== undefined) types.add(type);
  }

  /** The types of the columns, in the order in which they were first added. */
  get types(): ColumnTypes {
    return new Map([...this.#columns].map(([column, types]) => [column, commonType([...types])]));
  }
}

function commonType(types: readonly ColumnType[]): ColumnType {
  const [first, ...others] = types;
  if (first === undefined) return TEXT;
  if (others.every((other) => isDeepStrictEqual(other, first))) return first;
  if (types.every((type) => type === INT64 || type === DOUBLE)) return DOUBLE;
  return commonMoment(types) ?? TEXT;
}

/** The timestamp that holds them all, a date among them as its midnight; `undefined` where there is none. */
function commonMoment(types: readonly ColumnType[]): ColumnType | undefined {
  const moments = types.flatMap((type) => (type.type === "timestamp" ? [type] : []));
  const hasDate = types.includes(DATE);
  const [first, ...others] = moments;
  if (first === undefined || moments.length + (hasDate ? 1 : 0) < types.length) return undefined;
  if (hasDate && first.utc) return undefined;
  if (moments.some(({ utc }) => utc !== first.utc)) return undefined;
  return finestOf(first, ...others);
}
