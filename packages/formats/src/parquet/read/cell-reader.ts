import type { SchemaElement } from "hyparquet";
import { parseFloat16 } from "hyparquet/src/convert.js";
import {
  decimalCell,
  integerCell,
  jsonCell,
  shortestFloat,
  utf8Text,
  uuidText,
} from "../../columns/cell-values.ts";
import type { ColumnType } from "../../columns/column-type.ts";
import { dateText, timestampText, timeText } from "../../columns/time-text.ts";
import { jsonNumbers, type CellNumbers, type LongNumbers } from "../../source/long-numbers.ts";

/** Makes a cell of a stored value. */
export type CellReader = (value: unknown) => unknown;

/**
 * What makes cells of the stored values of a leaf. What no number holds is a bigint or its text; only a decimal in JSON
 * may be rounded, which is counted.
 */
export function cellReader(
  type: ColumnType,
  element: SchemaElement,
  { longNumbers, notes }: CellNumbers,
): CellReader {
  switch (type.type) {
    case "integer":
      return integerReader(type.bits, type.signed, longNumbers);
    case "float":
      if (type.bits === 16) return (value) => parseFloat16(bytesOf(value));
      return type.bits === 32 ? (value) => shortestFloat(Number(value)) : (value) => value;
    case "decimal":
      return (value) => decimalCell(unscaledOf(value), type.scale);
    case "text":
      return (value) => utf8Text(bytesOf(value));
    case "json": {
      const numbers = jsonNumbers(longNumbers, notes);
      return (value) => jsonCell(utf8Text(bytesOf(value)), numbers);
    }
    case "uuid":
      return (value) => uuidText(bytesOf(value));
    case "bytes":
      // A copy, as the value is a view of its whole page.
      return (value) => Uint8Array.from(bytesOf(value));
    case "date":
      return (value) => dateText(Number(value));
    case "time":
      return (value) => timeText(unscaledOf(value), type.unit);
    case "timestamp":
      return element.type === "INT96"
        ? (value) => timestampText(nanosOf(unscaledOf(value)), "nanos", type.utc)
        : (value) => timestampText(unscaledOf(value), type.unit, type.utc);
    case "boolean":
    // These have leaves of their own.
    case "list":
    case "map":
    case "struct":
    default:
      return (value) => value;
  }
}

function integerReader(bits: number, signed: boolean, longNumbers: LongNumbers): CellReader {
  if (bits === 32 && !signed) return (value) => Number(value) >>> 0;
  if (bits < 64) return Number;
  return (value) => {
    const integer = signed ? unscaledOf(value) : BigInt.asUintN(64, unscaledOf(value));
    return integerCell(integer, longNumbers);
  };
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new TypeError("the value is missing");
}

function unscaledOf(value: unknown): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return BigInt(value);
  const hex = Buffer.from(bytesOf(value)).toString("hex");
  return BigInt.asIntN(hex.length * 4, BigInt(`0x${hex === "" ? "0" : hex}`));
}

const NANOS_PER_DAY = 86_400_000_000_000n;
/** The Julian day of 1970-01-01. */
const EPOCH_DAY = 2_440_588n;

/** The nanoseconds since 1970 of a value of 96 bits, as Spark and Impala wrote timestamps. */
function nanosOf(value: bigint): bigint {
  return ((value >> 64n) - EPOCH_DAY) * NANOS_PER_DAY + BigInt.asUintN(64, value);
}
