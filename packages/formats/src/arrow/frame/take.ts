import {
  bitAt,
  bitsOf,
  bytesOf,
  numbersOf,
  offsetsOf,
  offsetsOfCells,
  runAt,
  type ArrowArray,
} from "../ipc/arrow-array.ts";
import type { ArrowField, ArrowType } from "../ipc/arrow-field.ts";
import { isFixed, widthOf } from "../ipc/fixed-type.ts";

/** The cells of an array at some places, in that order; the array itself where these are all of its places. */
export function take(field: ArrowField, array: ArrowArray, places: readonly number[]): ArrowArray {
  if (places.length === array.length && places.every((place, at) => place === at)) return array;
  const { nullBitmap, offset, dictionary } = array;
  const taken = {
    length: places.length,
    offset: 0,
    nullBitmap: nullBitmap.length === 0 ? nullBitmap : takeBits(nullBitmap, offset, places),
    children: [],
  };
  if (field.dictionary !== undefined) {
    const width = field.dictionary.index.bits / 8;
    return { ...taken, values: takeBytes(array.values, width, places), dictionary };
  }
  const { type } = field;
  if (isFixed(type)) return { ...taken, values: takeBytes(array.values, widthOf(type), places) };
  switch (type.type) {
    case "null":
      return taken;
    case "bool":
      return { ...taken, values: takeBits(bytesOf(array.values), offset, places) };
    case "utf8":
    case "binary":
      return { ...taken, ...takeTexts(type, array, places) };
    case "utf8View":
    case "binaryView":
      return {
        ...taken,
        values: takeBytes(array.values, 16, places),
        variadicBuffers: array.variadicBuffers,
      };
    case "struct":
      return { ...taken, children: takeChildren(field, array, places) };
    case "union": {
      const typeIds = takeBytes(array.typeIds, 1, places);
      if (!type.dense) return { ...taken, typeIds, children: takeChildren(field, array, places) };
      return {
        ...taken,
        typeIds,
        valueOffsets: takeBytes(array.valueOffsets, 4, places),
        children: array.children,
      };
    }
    case "listView": {
      const size = type.large ? 8 : 4;
      const valueOffsets = takeBytes(array.valueOffsets, size, places);
      return {
        ...taken,
        valueOffsets,
        sizes: takeBytes(array.sizes, size, places),
        children: array.children,
      };
    }
    case "runs":
      return takeRuns(field, array, places);
    case "list":
    case "map":
    case "fixedList":
    default:
      return { ...taken, ...takeLists(field, type, array, places) };
  }
}

function takeChildren(field: ArrowField, array: ArrowArray, places: readonly number[]): ArrowArray[] {
  return field.children.map((child, place) => take(child, array.children[place] ?? NOTHING, places));
}

const NOTHING: ArrowArray = { length: 0, offset: 0, nullBitmap: new Uint8Array(), children: [] };

function takeBits(bits: Uint8Array, offset: number, places: readonly number[]): Uint8Array {
  return bitsOf(places.length, (at) => bitAt(bits, offset + (places[at] ?? 0)));
}

function takeBytes(
  values: ArrayBufferView | undefined,
  width: number,
  places: readonly number[],
): Uint8Array {
  const bytes = bytesOf(values);
  const taken = new Uint8Array(width * places.length);
  for (const [at, place] of places.entries())
    taken.set(bytes.subarray(place * width, (place + 1) * width), at * width);
  return taken;
}

function takeTexts(
  { large }: { readonly large: boolean },
  array: ArrowArray,
  places: readonly number[],
): Pick<ArrowArray, "values" | "valueOffsets"> {
  const offset = offsetsOf(array, large);
  const bytes = bytesOf(array.values);
  const parts = places.map((place) => bytes.subarray(offset(place), offset(place + 1)));
  return {
    values: Buffer.concat(parts),
    valueOffsets: offsetsOfCells(parts, large),
  };
}

function takeLists(
  field: ArrowField,
  type: Extract<ArrowType, { readonly type: "list" | "map" | "fixedList" }>,
  array: ArrowArray,
  places: readonly number[],
): Pick<ArrowArray, "valueOffsets" | "children"> {
  const large = type.type === "list" && type.large;
  const isFixed = type.type === "fixedList";
  const offset = isFixed ? (place: number): number => place * type.items : offsetsOf(array, large);
  const items = places.flatMap((place) => {
    const start = offset(place);
    return Array.from({ length: offset(place + 1) - start }, (_, item) => start + item);
  });
  const children = takeChildren(field, array, items);
  if (isFixed) return { children };
  const lists = places.map((place) => ({ length: offset(place + 1) - offset(place) }));
  return { valueOffsets: offsetsOfCells(lists, large), children };
}

/** A run for each cell. */
function takeRuns(field: ArrowField, array: ArrowArray, places: readonly number[]): ArrowArray {
  const [endField, valueField] = field.children;
  const [ends = NOTHING, values = NOTHING] = array.children;
  if (endField?.type.type !== "int" || valueField === undefined)
    throw new TypeError("a column of runs lacks its items");
  const { bits } = endField.type;
  const all =
    bits === 64
      ? numbersOf(ends.values, BigInt64Array)
      : bits === 32
        ? numbersOf(ends.values, Int32Array)
        : numbersOf(ends.values, Int16Array);
  const end = (run: number): number => Number(all[run] ?? 0);
  const runs = places.map((place) => runAt(ends.length, end, place + array.offset));
  const counts = Buffer.alloc((bits / 8) * places.length);
  for (const at of places.keys()) {
    if (bits === 64) counts.writeBigInt64LE(BigInt(at + 1), 8 * at);
    else counts.writeIntLE(at + 1, (bits / 8) * at, bits / 8);
  }
  const newEnds = { ...NOTHING, length: places.length, values: counts };
  return { ...NOTHING, length: places.length, children: [newEnds, take(valueField, values, runs)] };
}
