import { decimalCell, integerCell, shortestFloat } from "../../columns/cell-values.ts";
import { halfToNumber } from "../../columns/half-float.ts";
import { dateText, timestampText, timeText } from "../../columns/time-text.ts";
import type { LongNumbers } from "../../source/long-numbers.ts";
import { numbersOf, type ArrowArray } from "../ipc/arrow-array.ts";
import type { FixedType } from "../ipc/fixed-type.ts";
import { durationText, intervalText } from "./duration-text.ts";

/** The cell at a place. Throws where the array is damaged. */
export type CellAt = (place: number) => unknown;

type NumberType = Exclude<FixedType, { readonly type: "fixedBinary" }>;

/** Cells that are stored as numbers, dates and lengths of time among them. */
export function numberCells(type: NumberType, array: ArrowArray, longNumbers: LongNumbers): CellAt {
  const { values } = array;
  switch (type.type) {
    case "int": {
      if (type.bits < 64) return smallIntegers(type.bits, type.signed, values);
      const integers = type.signed ? numbersOf(values, BigInt64Array) : numbersOf(values, BigUint64Array);
      return (place) => integerCell(integers[place] ?? 0n, longNumbers);
    }
    case "float": {
      if (type.bits === 64) return at(numbersOf(values, Float64Array));
      const floats = type.bits === 32 ? numbersOf(values, Float32Array) : numbersOf(values, Uint16Array);
      const toNumber = type.bits === 32 ? shortestFloat : halfToNumber;
      return (place) => toNumber(floats[place] ?? 0);
    }
    case "decimal": {
      const unscaled = unscaledOf(type.bits, values);
      return (place) => decimalCell(unscaled(place), type.scale);
    }
    case "date": {
      if (type.unit === "millis") {
        const millis = numbersOf(values, BigInt64Array);
        return (place) => timestampText(millis[place] ?? 0n, "millis", false).replace(/T00:00:00$/, "");
      }
      const days = numbersOf(values, Int32Array);
      return (place) => dateText(days[place] ?? 0);
    }
    case "time": {
      const units = unitsOf(type.bits, values);
      return (place) => timeText(units(place), type.unit);
    }
    case "timestamp": {
      const units = unitsOf(64, values);
      return (place) => timestampText(units(place), type.unit, type.zone !== undefined);
    }
    case "duration": {
      const units = unitsOf(64, values);
      return (place) => durationText(units(place), type.unit);
    }
    case "interval":
    default:
      return intervalCells(type.unit, values);
  }
}

function at(numbers: { readonly [place: number]: number }): CellAt {
  return (place) => numbers[place] ?? null;
}

function smallIntegers(bits: number, signed: boolean, values: ArrayBufferView | undefined): CellAt {
  if (bits === 8) return at(signed ? numbersOf(values, Int8Array) : numbersOf(values, Uint8Array));
  if (bits === 16) return at(signed ? numbersOf(values, Int16Array) : numbersOf(values, Uint16Array));
  return at(signed ? numbersOf(values, Int32Array) : numbersOf(values, Uint32Array));
}

function unitsOf(bits: number, values: ArrayBufferView | undefined): (place: number) => bigint {
  if (bits === 32) {
    const units = numbersOf(values, Int32Array);
    return (place) => BigInt(units[place] ?? 0);
  }
  const units = numbersOf(values, BigInt64Array);
  return (place) => units[place] ?? 0n;
}

/** Decimals without their point, of 32 to 256 bits. */
function unscaledOf(bits: number, values: ArrayBufferView | undefined): (place: number) => bigint {
  if (bits <= 64) return unitsOf(bits, values);
  const words = numbersOf(values, BigUint64Array);
  const count = bits / 64;
  return (place) => {
    let unscaled = 0n;
    for (let word = count - 1; word >= 0; word -= 1)
      unscaled = (unscaled << 64n) | (words[place * count + word] ?? 0n);
    return BigInt.asIntN(bits, unscaled);
  };
}

function intervalCells(unit: "months" | "days" | "nanos", values: ArrayBufferView | undefined): CellAt {
  const ints = numbersOf(values, Int32Array);
  if (unit === "months") return (place) => intervalText(ints[place] ?? 0, 0, 0n);
  if (unit === "days")
    return (place) => intervalText(0, ints[2 * place] ?? 0, BigInt(ints[2 * place + 1] ?? 0) * 1_000_000n);
  const longs = numbersOf(values, BigInt64Array);
  return (place) => intervalText(ints[4 * place] ?? 0, ints[4 * place + 1] ?? 0, longs[2 * place + 1] ?? 0n);
}
