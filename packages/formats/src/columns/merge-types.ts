import { isDeepStrictEqual } from "node:util";
import { DOUBLE, finestOf, INT64, TEXT, type ColumnType, type ColumnTypes } from "./column-type.ts";

type TypeOf<K extends ColumnType["type"]> = Extract<ColumnType, { readonly type: K }>;

/** The columns of several inputs in the order of their first appearance, each of a type that holds all cells of it. */
export function mergeColumnTypes(inputs: readonly ColumnTypes[]): ColumnTypes {
  const merged = new Map<string, ColumnType>();
  for (const types of inputs) {
    for (const [column, type] of types) {
      const known = merged.get(column);
      merged.set(column, known === undefined ? type : mergeTypes(known, type));
    }
  }
  return merged;
}

/** The narrowest type that holds what both hold; text holds everything. */
function mergeTypes(one: ColumnType, other: ColumnType): ColumnType {
  if (isDeepStrictEqual(one, other)) return one;
  if (one.type === "integer" && other.type === "integer") return mergeIntegers(one, other);
  if (one.type === "float" && other.type === "float") return one.bits > other.bits ? one : other;
  if (isNumber(one) && isNumber(other)) return DOUBLE;
  if (one.type === "timestamp" && other.type === "timestamp" && one.utc === other.utc)
    return finestOf(one, other);
  if (one.type === "list" && other.type === "list") return { type: "list", of: mergeTypes(one.of, other.of) };
  if (one.type === "struct" && other.type === "struct")
    return { type: "struct", fields: mergeColumnTypes([one.fields, other.fields]) };
  return TEXT;
}

function isNumber(type: ColumnType): boolean {
  return type.type === "integer" || type.type === "float";
}

function mergeIntegers(one: TypeOf<"integer">, other: TypeOf<"integer">): ColumnType {
  const [wide, narrow] = one.bits >= other.bits ? [one, other] : [other, one];
  if (wide.signed === narrow.signed || (wide.signed && wide.bits > narrow.bits)) return wide;
  // Of 64 bits without a sign, no integer with one holds all.
  const unsigned = wide.signed ? narrow : wide;
  return unsigned.bits < 64 ? INT64 : TEXT;
}
