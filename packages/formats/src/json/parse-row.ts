import { isRecord, parseJson, type ParseJsonOptions, type Row } from "@parallel-parrot/core";
import { jsonNumbers, type LongNumbers } from "../source/long-numbers.ts";
import type { SourceNotes } from "../source/source-notes.ts";

/** A row, or what is wrong with its text. */
type ParsedRow =
  | { readonly ok: true; readonly row: Row }
  | { readonly ok: false; readonly problem: string; readonly cause?: unknown };

/** Reads one JSON object. */
export type ParseRow = (text: string) => ParsedRow;

/** A function that reads rows, and counts the numbers that it rounds. */
export function rowParser(longNumbers: LongNumbers, notes: SourceNotes): ParseRow {
  const options = jsonNumbers(longNumbers, notes);
  return (text) => parseRow(text, options);
}

function parseRow(text: string, options: ParseJsonOptions): ParsedRow {
  let value: unknown;
  try {
    value = parseJson(text, options);
  } catch (error) {
    // V8 counts the lines of this text, and not those of the file.
    const reason = (error as Error).message.replace(/ \(line \d+ column \d+\)$/, "");
    return { ok: false, problem: `invalid JSON: ${reason}`, cause: error };
  }
  if (isRecord(value)) return { ok: true, row: value };
  return { ok: false, problem: `expected an object, got ${describeJson(value)}` };
}

function describeJson(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "bigint") return "a number";
  return Array.isArray(value) ? "an array" : `a ${typeof value}`;
}
