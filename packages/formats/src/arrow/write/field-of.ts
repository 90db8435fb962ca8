import type { ColumnType } from "../../columns/column-type.ts";
import type { ArrowField, ArrowType } from "../ipc/arrow-field.ts";
import { EXTENSION } from "../read/column-type-of.ts";

const NO_METADATA: ReadonlyMap<string, string> = new Map();
/** The most digits that 128 bits hold. */
const DIGITS_OF_128_BITS = 38;

/** The field of a column that is written with this type. */
export function fieldOf(name: string, type: ColumnType, nullable = true): ArrowField {
  const field = (
    arrow: ArrowType,
    children: readonly ArrowField[] = [],
    metadata = NO_METADATA,
  ): ArrowField => ({
    name,
    nullable,
    type: arrow,
    children,
    dictionary: undefined,
    metadata,
  });
  switch (type.type) {
    case "boolean":
      return field({ type: "bool" });
    case "integer":
      return field({ type: "int", bits: type.bits, signed: type.signed });
    case "float":
      return field({ type: "float", bits: type.bits });
    case "decimal": {
      const { precision, scale } = type;
      return field({ type: "decimal", precision, scale, bits: precision > DIGITS_OF_128_BITS ? 256 : 128 });
    }
    case "text":
      return field({ type: "utf8", large: false });
    case "json":
      return field({ type: "utf8", large: false }, [], extension("arrow.json"));
    case "uuid":
      return field({ type: "fixedBinary", bytes: 16 }, [], extension("arrow.uuid"));
    case "bytes":
      return field(
        type.length === undefined
          ? { type: "binary", large: false }
          : { type: "fixedBinary", bytes: type.length },
      );
    case "date":
      return field({ type: "date", unit: "days" });
    case "time":
      return field({
        type: "time",
        unit: type.unit,
        bits: type.unit === "seconds" || type.unit === "millis" ? 32 : 64,
      });
    case "timestamp":
      return field({ type: "timestamp", unit: type.unit, zone: type.utc ? (type.zone ?? "UTC") : undefined });
    case "list":
      return field({ type: "list", large: false }, [fieldOf("item", type.of)]);
    case "struct":
      return field(
        { type: "struct" },
        [...type.fields].map(([member, inner]) => fieldOf(member, inner)),
      );
    case "map":
    default: {
      const entries: ColumnType = { type: "struct", fields: new Map() };
      const pair = [fieldOf("key", type.keys, false), fieldOf("value", type.values)];
      return field({ type: "map", keysSorted: false }, [
        { ...fieldOf("entries", entries, false), children: pair },
      ]);
    }
  }
}

function extension(name: string): ReadonlyMap<string, string> {
  return new Map([
    [EXTENSION, name],
    ["ARROW:extension:metadata", ""],
  ]);
}
