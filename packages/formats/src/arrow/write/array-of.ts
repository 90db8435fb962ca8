import { isRecord } from "@parallel-parrot/core";
import { numberToHalf } from "../../columns/half-float.ts";
import { bitsOf, offsetsOfCells, type ArrowArray } from "../ipc/arrow-array.ts";
import type { ArrowField } from "../ipc/arrow-field.ts";
import { isFixed, widthOf, type FixedType } from "../ipc/fixed-type.ts";

const NO_BITS = new Uint8Array();

/** The array of stored values, `undefined` for null, as `toStored` makes them for the type of the field. */
export function arrayOf(field: ArrowField, values: readonly unknown[]): ArrowArray {
  const { type } = field;
  const base = { length: values.length, offset: 0, nullBitmap: nullsOf(values), children: [] };
  if (isFixed(type)) return { ...base, values: fixedValues(type, values) };
  switch (type.type) {
    case "bool":
      return { ...base, values: bitsOf(values.length, (place) => values[place] === true) };
    case "utf8":
    case "binary":
      return { ...base, ...bytesAndOffsets(values) };
    case "list":
    case "map": {
      const lists = values.map((value) => (Array.isArray(value) ? (value as readonly unknown[]) : []));
      const valueOffsets = offsetsOfCells(lists, false);
      return { ...base, valueOffsets, children: field.children.map((child) => arrayOf(child, lists.flat())) };
    }
    case "struct": {
      const member = (name: string): readonly unknown[] =>
        values.map((value) => (isRecord(value) ? value[name] : undefined));
      return { ...base, children: field.children.map((child) => arrayOf(child, member(child.name))) };
    }
    // These are read, and never written.
    case "null":
    case "union":
    case "runs":
    case "listView":
    case "fixedList":
    case "utf8View":
    case "binaryView":
    default:
      return base;
  }
}

function nullsOf(values: readonly unknown[]): Uint8Array {
  return values.includes(undefined) ? bitsOf(values.length, (place) => values[place] !== undefined) : NO_BITS;
}

function bytesAndOffsets(values: readonly unknown[]): Pick<ArrowArray, "values" | "valueOffsets"> {
  const parts = values.map((value) =>
    typeof value === "string" ? Buffer.from(value) : value instanceof Uint8Array ? value : NO_BITS,
  );
  return { valueOffsets: offsetsOfCells(parts, false), values: Buffer.concat(parts) };
}

/** The bytes of a null are zero. */
function fixedValues(type: FixedType, values: readonly unknown[]): Uint8Array {
  const width = widthOf(type);
  const bytes = Buffer.alloc(width * values.length);
  const write = writerOf(type, width, bytes);
  for (const [place, value] of values.entries()) if (value !== undefined) write(value, place * width);
  return bytes;
}

function writerOf(type: FixedType, width: number, bytes: Buffer): (value: unknown, at: number) => void {
  if (type.type === "fixedBinary")
    return (value, at) => {
      if (value instanceof Uint8Array) bytes.set(value, at);
    };
  if (type.type === "float") {
    if (type.bits === 64) return (value, at) => void bytes.writeDoubleLE(Number(value), at);
    if (type.bits === 32) return (value, at) => void bytes.writeFloatLE(Number(value), at);
    return (value, at) => void bytes.writeUInt16LE(numberToHalf(Number(value)), at);
  }
  // Two's complement, the low bytes first.
  if (width > 4)
    return (value, at) => {
      const integer = integerOf(value);
      for (let word = 0; word < width / 8; word += 1)
        bytes.writeBigUInt64LE(BigInt.asUintN(64, integer >> BigInt(64 * word)), at + 8 * word);
    };
  return (value, at) =>
    void bytes.writeUIntLE(Number(BigInt.asUintN(width * 8, integerOf(value))), at, width);
}

function integerOf(value: unknown): bigint {
  return typeof value === "bigint" ? value : BigInt(Number(value));
}
