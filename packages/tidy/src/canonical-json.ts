import { isPlainObject } from "@parallel-parrot/core";

/** Deep enough for any data, and far from the end of the stack. */
const MAX_DEPTH = 500;

const identities = new WeakMap<object, number>();
let identityCount = 0;

/**
 * A text that is the same for two values that say the same, whatever the order of their keys. Keys whose
 * value is undefined do not count; a bigint and a number of the same value are equal. Beyond JSON, a non-finite
 * number and a date each have a text of their own; instances of other classes, and what lies deeper than 500 levels,
 * equal themselves alone.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return writeNumber(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" && typeof value !== "function") {
    return typeof value === "symbol" ? `#${String(value)}` : "null";
  }
  if (value === null) return "null";
  if (value instanceof Date) return `#date ${value.getTime()}`;
  if (depth < MAX_DEPTH && Array.isArray(value)) {
    return `[${value.map((item) => write(item, depth + 1)).join(",")}]`;
  }
  return depth < MAX_DEPTH && isPlainObject(value) ? writeObject(value, depth) : identityOf(value);
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value)) return `#${value}`;
  // Beyond 2^53 a number is printed with zeros or an exponent in place of its last digits.
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? String(BigInt(value)) : String(value + 0);
}

function writeObject(value: Readonly<Record<string, unknown>>, depth: number): string {
  const parts: string[] = [];
  for (const key of Object.keys(value).toSorted()) {
    const cell = value[key];
    if (cell !== undefined) parts.push(`${JSON.stringify(key)}:${write(cell, depth + 1)}`);
  }
  return `{${parts.join(",")}}`;
}

function identityOf(value: object): string {
  let identity = identities.get(value);
  if (identity === undefined) {
    identityCount += 1;
    identity = identityCount;
    identities.set(value, identity);
  }
  return `#object ${identity}`;
}
