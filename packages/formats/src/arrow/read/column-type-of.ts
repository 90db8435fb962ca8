import { TEXT, type ColumnType } from "../../columns/column-type.ts";
import type { ArrowField } from "../ipc/arrow-field.ts";

/** The key under which a field says that it is more than its type. */
export const EXTENSION = "ARROW:extension:name";

/** What the cells of a field are. Cells in a dictionary are what they are without it. */
export function columnTypeOf({ type, children, metadata }: ArrowField): ColumnType {
  const extension = metadata.get(EXTENSION);
  const [first, second] = children;
  switch (type.type) {
    case "bool":
      return { type: "boolean" };
    case "int":
      return { type: "integer", bits: type.bits as 8 | 16 | 32 | 64, signed: type.signed };
    case "float":
      return { type: "float", bits: type.bits };
    case "decimal":
      return decimalOf(type.precision, type.scale);
    case "utf8":
    case "utf8View":
      return extension === "arrow.json" ? { type: "json" } : TEXT;
    case "binary":
    case "binaryView":
      return { type: "bytes" };
    case "fixedBinary":
      return extension === "arrow.uuid" && type.bytes === 16
        ? { type: "uuid" }
        : { type: "bytes", length: type.bytes };
    case "date":
      return { type: "date" };
    case "time":
      return { type: "time", unit: type.unit, utc: false };
    case "timestamp":
      return type.zone === undefined || type.zone === "UTC"
        ? { type: "timestamp", unit: type.unit, utc: type.zone !== undefined }
        : { type: "timestamp", unit: type.unit, utc: true, zone: type.zone };
    case "list":
    case "listView":
    case "fixedList":
      return { type: "list", of: first === undefined ? TEXT : columnTypeOf(first) };
    case "struct":
      return { type: "struct", fields: new Map(children.map((child) => [child.name, columnTypeOf(child)])) };
    case "map":
      return mapOf(first);
    case "runs":
      return second === undefined ? TEXT : columnTypeOf(second);
    // Nulls may be anything. A length of time, and what is one type in one row and another in the next, is text.
    case "null":
    case "duration":
    case "interval":
    case "union":
    default:
      return TEXT;
  }
}

function mapOf(entries: ArrowField | undefined): ColumnType {
  const [keys, values] = (entries?.children ?? []).map((child) => columnTypeOf(child));
  return keys === undefined || values === undefined ? TEXT : { type: "map", keys, values };
}

/** A scale below zero stands for zeros before the point, which are digits elsewhere. */
function decimalOf(precision: number, scale: number): ColumnType {
  return scale < 0
    ? { type: "decimal", precision: precision - scale, scale: 0 }
    : { type: "decimal", precision, scale };
}
