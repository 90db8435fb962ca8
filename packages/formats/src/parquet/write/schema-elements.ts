import type { SchemaElement } from "hyparquet";
import { TEXT, type ColumnType, type ColumnTypes, type TimeUnit } from "../../columns/column-type.ts";

const UNITS = {
  seconds: "MILLIS",
  millis: "MILLIS",
  micros: "MICROS",
  nanos: "NANOS",
} as const satisfies Record<TimeUnit, string>;

/** The schema of a file with these columns, of which each may be null. */
export function schemaOf(columns: ColumnTypes): SchemaElement[] {
  return [
    { name: "schema", num_children: columns.size },
    ...[...columns].flatMap(([name, type]) => elementsOf(name, type, "OPTIONAL")),
  ];
}

/**
 * The type that a column is written with: text where Parquet has none, as for an object without members, and
 * milliseconds in place of seconds.
 */
export function writtenType(type: ColumnType): ColumnType {
  if ((type.type === "time" || type.type === "timestamp") && type.unit === "seconds")
    return { ...type, unit: "millis" };
  if (type.type === "list") return { type: "list", of: writtenType(type.of) };
  if (type.type === "map")
    return { type: "map", keys: writtenType(type.keys), values: writtenType(type.values) };
  if (type.type !== "struct") return type;
  const fields = new Map([...type.fields].map(([name, field]) => [name, writtenType(field)]));
  return fields.size === 0 ? TEXT : { type: "struct", fields };
}

type Repetition = NonNullable<SchemaElement["repetition_type"]>;

function elementsOf(name: string, type: ColumnType, repetition_type: Repetition): SchemaElement[] {
  if (type.type === "list")
    return [
      { name, repetition_type, num_children: 1, converted_type: "LIST", logical_type: { type: "LIST" } },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      ...elementsOf("element", type.of, "OPTIONAL"),
    ];
  if (type.type === "map")
    return [
      { name, repetition_type, num_children: 1, converted_type: "MAP", logical_type: { type: "MAP" } },
      { name: "key_value", repetition_type: "REPEATED", num_children: 2 },
      ...elementsOf("key", type.keys, "REQUIRED"),
      ...elementsOf("value", type.values, "OPTIONAL"),
    ];
  if (type.type === "struct")
    return [
      { name, repetition_type, num_children: type.fields.size },
      ...[...type.fields].flatMap(([field, inner]) => elementsOf(field, inner, "OPTIONAL")),
    ];
  return [{ name, repetition_type, ...leafOf(type) }];
}

type LeafType = Exclude<ColumnType, { readonly type: "list" | "map" | "struct" }>;
type LeafElement = Omit<SchemaElement, "name" | "repetition_type">;

function leafOf(type: LeafType): LeafElement {
  switch (type.type) {
    case "boolean":
      return { type: "BOOLEAN" };
    case "integer":
      return integerOf(type.bits, type.signed);
    case "float":
      if (type.bits === 16)
        return { type: "FIXED_LEN_BYTE_ARRAY", type_length: 2, logical_type: { type: "FLOAT16" } };
      return { type: type.bits === 32 ? "FLOAT" : "DOUBLE" };
    case "decimal":
      return decimalOf(type);
    case "text":
      return { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } };
    case "json":
      // Without the converted type, by which the library would make JSON of the text once more.
      return { type: "BYTE_ARRAY", logical_type: { type: "JSON" } };
    case "uuid":
      return { type: "FIXED_LEN_BYTE_ARRAY", type_length: 16, logical_type: { type: "UUID" } };
    case "bytes":
      return type.length === undefined
        ? { type: "BYTE_ARRAY" }
        : { type: "FIXED_LEN_BYTE_ARRAY", type_length: type.length };
    case "date":
      return { type: "INT32", converted_type: "DATE", logical_type: { type: "DATE" } };
    case "time":
      return {
        type: type.unit === "millis" ? "INT32" : "INT64",
        logical_type: { type: "TIME", isAdjustedToUTC: type.utc, unit: UNITS[type.unit] },
      };
    case "timestamp":
    default:
      return {
        type: "INT64",
        logical_type: { type: "TIMESTAMP", isAdjustedToUTC: type.utc, unit: UNITS[type.unit] },
      };
  }
}

function integerOf(bits: 8 | 16 | 32 | 64, isSigned: boolean): LeafElement {
  // Without the logical type: the library writes its width as an integer of 32 bits, and Parquet wants one of 8.
  return { type: bits === 64 ? "INT64" : "INT32", converted_type: `${isSigned ? "INT" : "UINT"}_${bits}` };
}

/** The most digits that are stored as an integer of 32 and of 64 bits. */
const [DIGITS_OF_INT32, DIGITS_OF_INT64] = [9, 18];

function decimalOf({
  precision,
  scale,
}: {
  readonly precision: number;
  readonly scale: number;
}): LeafElement {
  const logical_type = { type: "DECIMAL", precision, scale } as const;
  const decimal: LeafElement = { converted_type: "DECIMAL", precision, scale, logical_type };
  if (precision <= DIGITS_OF_INT32) return { type: "INT32", ...decimal };
  if (precision <= DIGITS_OF_INT64) return { type: "INT64", ...decimal };
  const bits = (10n ** BigInt(precision) - 1n).toString(2).length + 1;
  return { type: "FIXED_LEN_BYTE_ARRAY", type_length: Math.ceil(bits / 8), ...decimal };
}
