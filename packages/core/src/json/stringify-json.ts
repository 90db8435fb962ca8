import { isTypedArray } from "node:util/types";
import { stringifyDeep } from "./stringify-deep.ts";
import { writtenNumber } from "./written-number.ts";

/**
 * The JSON text of a value: a bigint is its digits, a map an object (a list of pairs where a key is not text), a set or
 * typed array a list, and all else is as `JSON.stringify` has it. `undefined` for what JSON has no form for, such as
 * `undefined` itself. Works at any depth.
 *
 * @param indent spaces by which each level is indented @default everything on one line
 * @throws TypeError where the value has a circular reference
 */
export function stringifyJson(value: unknown, indent?: number): string | undefined {
  let json: string | undefined;
  try {
    // First without the replacer, which makes writing several times slower: few values need it.
    json = JSON.stringify(value, undefined, indent);
  } catch (error) {
    if (!holdsBigInt(error) && !(error instanceof RangeError)) throw error;
    return stringifyAll(value, indent);
  }
  return json !== undefined && MAY_BE_EMPTIED.test(json) ? stringifyAll(value, indent) : json;
}

function stringifyAll(value: unknown, indent: number | undefined): string | undefined {
  try {
    return JSON.stringify(value, replace, indent);
  } catch (error) {
    if (error instanceof RangeError) return stringifyDeep(value, replace, indent);
    throw error;
  }
}

/** How `JSON.stringify` writes maps, sets and typed arrays: as empty objects, or as objects with the key 0. */
const MAY_BE_EMPTIED = /\{(?:\}|\s*"0":)/;

function replace(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return writtenNumber(String(value));
  return typeof value === "object" && value !== null ? jsonForm(value) : value;
}

/** What JSON has in place of an object: a list or another object; most are written as they are. */
export function jsonForm(value: object): unknown {
  if (Array.isArray(value)) return value;
  if (value instanceof Map) {
    const isNamed = Array.from(value.keys()).every((key) => typeof key === "string");
    return isNamed ? Object.fromEntries(value) : Array.from(value);
  }
  if (value instanceof Set) return Array.from(value);
  return isTypedArray(value) ? Array.from<number | bigint>(value) : value;
}

function holdsBigInt(error: unknown): boolean {
  return error instanceof TypeError && error.message.includes("BigInt");
}
