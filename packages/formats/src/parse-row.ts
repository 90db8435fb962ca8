import type { Row } from "@parallel-parrot/core";

/** A row, or what is wrong with its text. */
export type ParsedRow =
  | { readonly ok: true; readonly row: Row }
  | { readonly ok: false; readonly problem: string; readonly cause?: unknown };

const LONG_NUMBER = /\d{16}/;

/** An integer that a number cannot hold, such as a 64-bit id, stays as its digits, in text. */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const { source = "" } = context ?? {};
  if (typeof value !== "number" || !/^-?\d{16,}$/.test(source)) return value;
  return String(value) === source ? value : source;
}

/** Reads one JSON object. `JSON.parse` keeps a key called `__proto__` as an own one. */
export function parseRow(text: string): ParsedRow {
  let value: unknown;
  try {
    value = LONG_NUMBER.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
  } catch (error) {
    // V8 counts lines within the text it was given, not within the file.
    const reason = (error as Error).message.replace(/ \(line \d+ column \d+\)$/, "");
    return { ok: false, problem: `invalid JSON: ${reason}`, cause: error };
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return { ok: true, row: value as Row };
  return { ok: false, problem: `expected an object, got ${describeJson(value)}` };
}

function describeJson(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : `a ${typeof value}`;
}
