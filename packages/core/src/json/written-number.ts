/** A number of a JSON text as it was written, which `JSON.stringify` writes again in the same way. */
export interface WrittenNumber {
  readonly rawJSON: string;
}

/** The part of `JSON` that TypeScript's libraries do not know yet. */
interface RawJson {
  rawJSON(text: string): WrittenNumber;
  isRawJSON(value: unknown): boolean;
}

const raw = JSON as typeof JSON & RawJson;

/** Keeps a number as it is written. */
export function writtenNumber(text: string): WrittenNumber {
  return raw.rawJSON(text);
}

/** Whether a value is a {@linkcode WrittenNumber}. */
export function isWrittenNumber(value: unknown): value is WrittenNumber {
  return raw.isRawJSON(value);
}
