/** How finely a time is told. */
export type TimeUnit = "seconds" | "millis" | "micros" | "nanos";

const FROM_COARSE: readonly TimeUnit[] = ["seconds", "millis", "micros", "nanos"];

/**
 * What the cells of a column are, in formats that know it. The same for all of them, so that types go from any source
 * to any sink.
 */
export type ColumnType =
  | { readonly type: "boolean" }
  | { readonly type: "integer"; readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean }
  | { readonly type: "float"; readonly bits: 16 | 32 | 64 }
  /** `precision` digits in all, `scale` of them after the point. */
  | { readonly type: "decimal"; readonly precision: number; readonly scale: number }
  | { readonly type: "text" }
  | { readonly type: "json" }
  | { readonly type: "uuid" }
  /** All of `length` bytes, where that is set. */
  | { readonly type: "bytes"; readonly length?: number }
  | { readonly type: "date" }
  | { readonly type: "time"; readonly unit: TimeUnit; readonly utc: boolean }
  /**
   * A point in time where `utc` is true, otherwise what a clock shows somewhere. `zone` is where the point is looked at
   * from, for formats that keep it; it does not change the cells.
   */
  | { readonly type: "timestamp"; readonly unit: TimeUnit; readonly utc: boolean; readonly zone?: string }
  | { readonly type: "list"; readonly of: ColumnType }
  | { readonly type: "struct"; readonly fields: ColumnTypes }
  | { readonly type: "map"; readonly keys: ColumnType; readonly values: ColumnType };

/** The types of columns by their names, in the order of the columns. */
export type ColumnTypes = ReadonlyMap<string, ColumnType>;

export const TEXT: ColumnType = { type: "text" };
export const INT64: ColumnType = { type: "integer", bits: 64, signed: true };
export const DOUBLE: ColumnType = { type: "float", bits: 64 };

/** Of times, the first of those that are told most finely. */
export function finestOf<T extends { readonly unit: TimeUnit }>(first: T, ...others: readonly T[]): T {
  const finer = (one: T, other: T): T =>
    FROM_COARSE.indexOf(other.unit) > FROM_COARSE.indexOf(one.unit) ? other : one;
  return others.reduce(finer, first);
}

/** A type in words, for messages. */
export function describeType(type: ColumnType): string {
  if (type.type === "integer") return `${type.signed ? "" : "unsigned "}integer of ${type.bits} bits`;
  if (type.type === "decimal") return `decimal of ${type.precision} digits, ${type.scale} after the point`;
  if (type.type === "bytes" && type.length !== undefined) return `${type.length} bytes`;
  return type.type === "list" ? `list of ${describeType(type.of)}` : type.type;
}
