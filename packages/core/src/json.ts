/** A number of a JSON text as it was written, which `JSON.stringify` writes again in the same way. */
export interface WrittenNumber {
  readonly rawJSON: string;
}

/** How `parseJson` gives the numbers that a JavaScript number would change. */
export interface ParseJsonOptions {
  /**
   * - `"exact"`: an integer beyond 2^53 is a bigint; what neither a number nor a bigint holds, such as `1e400`,
   *   is its text.
   * - `"written"`: every number that would be written in another way, such as `1.10`, is a {@linkcode WrittenNumber}.
   *
   * @default "exact"
   */
  readonly numbers?: "exact" | "written";
}

/**
 * The value of a JSON text, with no number changed: `JSON.parse` rounds an integer beyond 2^53 and makes
 * `Infinity` of `1e400`. A key called `__proto__` becomes an own one.
 *
 * @throws SyntaxError
 */
export function parseJson(text: string, { numbers = "exact" }: ParseJsonOptions = {}): unknown {
  if (numbers === "written") return JSON.parse(text, keepWritten) as unknown;
  return (MAY_CHANGE.test(text) ? JSON.parse(text, keepExact) : JSON.parse(text)) as unknown;
}

/**
 * The JSON text of a value, a bigint as its digits; `undefined` for what JSON has no form for, such as `undefined`
 * itself.
 *
 * @throws TypeError where the value has a circle in it
 */
export function stringifyJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // Only then: a replacer makes writing several times slower, and few values have a bigint in them.
    if (!holdsBigInt(error)) throw error;
    return JSON.stringify(value, writeBigInt);
  }
}

/** Whether a value is a {@linkcode WrittenNumber}. */
export function isWrittenNumber(value: unknown): value is WrittenNumber {
  return raw.isRawJSON(value);
}

/** The part of `JSON` that TypeScript's libraries do not know yet. */
interface RawJson {
  rawJSON(text: string): WrittenNumber;
  isRawJSON(value: unknown): boolean;
}

const raw = JSON as typeof JSON & RawJson;

/** What a text must have for a number in it to change: sixteen digits in a row, or an exponent of three. */
const MAY_CHANGE = /\d{16}|[eE]\+?\d{3}/;
const INTEGER = /^-?\d+$/;
/** A longer integer is nobody's number, and takes more than linear time to read. */
const MAX_DIGITS = 1000;

interface ReviverContext {
  /** The text of a primitive value. */
  readonly source?: string;
}

function keepExact(_key: string, value: unknown, { source = "" }: ReviverContext = {}): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  if (INTEGER.test(source)) return source.length > MAX_DIGITS ? source : BigInt(source);
  return Number.isFinite(value) ? value : source;
}

function keepWritten(_key: string, value: unknown, { source = "" }: ReviverContext = {}): unknown {
  return typeof value === "number" && String(value) !== source ? raw.rawJSON(source) : value;
}

function writeBigInt(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? raw.rawJSON(String(value)) : value;
}

function holdsBigInt(error: unknown): boolean {
  return error instanceof TypeError && error.message.includes("BigInt");
}
