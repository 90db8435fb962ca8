import { isRecord, parseJson, type ParseJsonOptions, type Row } from "@parallel-parrot/core";
import { jsonNumbers, type LongNumbersOption } from "../source/long-numbers.ts";
import type { SourceNotes } from "../source/source-notes.ts";
import { withoutNan } from "./without-nan.ts";

/** How a source reads the values of JSON. */
export interface JsonValueOptions extends LongNumbersOption {
  /**
   * What becomes of `NaN`, `Infinity` and `-Infinity`, which Python's `json` writes and JSON does not have: null, which
   * is counted in `notes`, or an error. @default "null"
   */
  readonly nan?: "null" | "error";
}

type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string; readonly cause?: unknown; readonly option?: string };

/** Reads one JSON value, or says what is wrong with its text. */
export type ParseJson = (text: string) => Parsed<unknown>;

/** A function that reads values, and counts what it changes. */
export function jsonValueParser(
  { longNumbers = "bigint", nan = "null" }: JsonValueOptions,
  notes: SourceNotes,
): ParseJson {
  const options = jsonNumbers(longNumbers, notes);
  return (text) => {
    const parsed = parse(text, options);
    if (parsed.ok) return parsed;
    const replaced = withoutNan(text);
    if (replaced === undefined) return parsed;
    if (nan === "error")
      return { ...parsed, problem: `${parsed.problem}; ${replaced.first} is no JSON`, option: "nan" };
    const mended = parse(replaced.text, options);
    // Something else is wrong as well, and the first message has its place.
    if (!mended.ok) return parsed;
    notes.add("NULLED_NUMBER", replaced.first, { count: replaced.count });
    return mended;
  };
}

/** A row, or what is wrong with its text. */
export function parseRow(parse: ParseJson, text: string): Parsed<Row> {
  const parsed = parse(text);
  if (!parsed.ok) return parsed;
  return isRecord(parsed.value)
    ? { ok: true, value: parsed.value }
    : { ok: false, problem: `expected an object, got ${describeJson(parsed.value)}` };
}

function parse(text: string, options: ParseJsonOptions): Parsed<unknown> {
  try {
    return { ok: true, value: parseJson(text, options) };
  } catch (error) {
    // V8 counts the lines of this text, and not those of the file.
    const reason = (error as Error).message.replace(/ \(line \d+ column \d+\)$/, "");
    return { ok: false, problem: `invalid JSON: ${reason}`, cause: error };
  }
}

function describeJson(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "bigint") return "a number";
  return Array.isArray(value) ? "an array" : `a ${typeof value}`;
}
