import { parseJson, type ParseJsonOptions } from "@parallel-parrot/core";
import type { LongNumbers } from "../source/long-numbers.ts";

/** An integer as a number where that holds it, otherwise as a bigint or its text. */
export function integerCell(integer: bigint, longNumbers: LongNumbers): unknown {
  const number = Number(integer);
  if (Number.isSafeInteger(number)) return number;
  return longNumbers === "text" ? String(integer) : integer;
}

/** As many digits as a double holds whatever they are. */
const SAFE_DIGITS = 15;

/** A decimal as a number where that holds all of its digits, otherwise as text. */
export function decimalCell(unscaled: bigint, scale: number): unknown {
  const sign = unscaled < 0n ? "-" : "";
  const all = String(unscaled < 0n ? -unscaled : unscaled);
  // A scale below zero counts zeros before the point.
  const digits = scale < 0 ? all.padEnd(all.length - scale, "0") : all.padStart(scale + 1, "0");
  const text = scale > 0 ? `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}` : `${sign}${digits}`;
  return digits.replace(/^0+/, "").length <= SAFE_DIGITS ? Number(text) : text;
}

/** The shortest decimal that is this float of 32 bits: `0.1`, and not `0.10000000149011612`. */
export function shortestFloat(value: number): number {
  if (Number.isInteger(value)) return value;
  for (let digits = 6; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes as the text that they are in UTF-8. Throws where they are none. */
export function utf8Text(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch (cause) {
    throw new TypeError("the text is not UTF-8", { cause });
  }
}

/** What a text of a column of JSON says; the text itself where it is no JSON. */
export function jsonCell(text: string, options: ParseJsonOptions): unknown {
  try {
    return parseJson(text, options);
  } catch {
    return text;
  }
}

export function uuidText(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
