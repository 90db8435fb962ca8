import { parseJson, type Row } from "@parallel-parrot/core";

/** A row, or what is wrong with its text. */
export type ParsedRow =
  | { readonly ok: true; readonly row: Row }
  | { readonly ok: false; readonly problem: string; readonly cause?: unknown };

/** Reads one JSON object. */
export function parseRow(text: string): ParsedRow {
  let value: unknown;
  try {
    value = parseJson(text);
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
