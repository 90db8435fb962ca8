import { parseDeep } from "./parse-deep.ts";
import type { Row } from "../items/row.ts";
import { writtenNumber } from "./written-number.ts";

/** How `parseJson` gives the numbers that a JavaScript number would change. */
export interface ParseJsonOptions {
  /**
   * - `"exact"`: an integer beyond 2^53 is a bigint; what neither a number nor a bigint holds, such as `1e400`,
   *   is its text; a decimal with more digits than a number holds is the nearest number, and `onRounded` is told.
   * - `"text"`: each of these is its text as it was written.
   * - `"written"`: every number that would be written in another way, such as `1.10`, is a `WrittenNumber`.
   *
   * @default "exact"
   */
  readonly numbers?: "exact" | "text" | "written";
  /**
   * Gets the text of each number that was rounded: it has more digits than a number holds, and is none that a double
   * is written as (with 16 or 17 digits, in some languages); or it is closer to zero than numbers go.
   */
  readonly onRounded?: (number: string) => void;
}

/**
 * The value of a JSON text, with no number changed unseen: `JSON.parse` rounds an integer beyond 2^53 and makes
 * `Infinity` of `1e400`. A key called `__proto__` becomes an own one. Works at any depth.
 *
 * @throws SyntaxError
 */
export function parseJson(text: string, { numbers = "exact", onRounded }: ParseJsonOptions = {}): unknown {
  // Most texts have no number that needs a second look, and this is the quickest way to see it.
  const value: unknown = JSON.parse(text);
  const isRoundingUntold = numbers === "exact" && onRounded === undefined;
  if (!hasNumber(value, isRoundingUntold ? isSuspect : anyNumber, LOOK_DEPTH)) return value;
  if (numbers === "written")
    return MAY_DIFFER.test(text) ? parseWith(text, keepWritten, isWrittenOtherwise) : value;
  if (!MAY_CHANGE.test(text)) return value;
  return parseWith(text, numbers === "text" ? keepText : keepExact(onRounded), (source) =>
    MAY_CHANGE.test(source),
  );
}

/** Numbers are looked for down to this level; deeper values count as having some. */
const LOOK_DEPTH = 100;

/** Whether there is such a number in a value that `JSON.parse` has made. */
function hasNumber(value: unknown, isWanted: (number: number) => boolean, depth: number): boolean {
  if (typeof value === "number") return isWanted(value);
  if (typeof value !== "object" || value === null) return false;
  if (depth === 0) return true;
  if (Array.isArray(value)) return value.some((each) => hasNumber(each, isWanted, depth - 1));
  // Takes a third of the time of `Object.values`, and `JSON.parse` gives no inherited keys.
  for (const key in value) if (hasNumber((value as Row)[key], isWanted, depth - 1)) return true;
  return false;
}

function anyNumber(): boolean {
  return true;
}

/** Whether a number may differ from its text: an integer beyond 2^53, or one that is too large for a number. */
function isSuspect(number: number): boolean {
  return !Number.isFinite(number) || (Number.isInteger(number) && !Number.isSafeInteger(number));
}

function parseWith(text: string, revive: Reviver, mayChange: (source: string) => boolean): unknown {
  try {
    return JSON.parse(text, revive) as unknown;
  } catch (error) {
    // With a reviver, `JSON.parse` recurses as deeply as the text is nested.
    if (error instanceof RangeError) return parseDeep(text, revive, mayChange);
    throw error;
  }
}

/** What a text must have for a number in it to change: that many digits, or an exponent of three. */
const MAY_CHANGE = /\d(?:\d{15}|[\d.]{16}|[eE][-+]?\d{3})/;
/**
 * What a text must have for a number in it to be written in another way than JavaScript does: a zero at the end of
 * decimals, many after the point or digits in all, an exponent, or a negative zero.
 */
const MAY_DIFFER = /\.\d*0(?!\d)|\.0{6}|\d[\d.]{15}|\d[eE][-+\d]|-0(?![\d.])/;
const INTEGER = /^-?\d+$/;
/** Longer integers are kept as text: no data has them, and reading one takes more than linear time. */
const MAX_DIGITS = 1000;
/** A decimal of so many digits is kept exactly by a number. */
const ALWAYS_HELD = 15;
/** Numbers that are closer to zero than this have fewer digits. */
const SMALLEST_FULL = 2 ** -1022;
interface ReviverContext {
  /** The text of a primitive value. */
  readonly source?: string;
}

type Reviver = (key: string, value: unknown, context?: ReviverContext) => unknown;

function keepExact(onRounded: ((number: string) => void) | undefined): Reviver {
  return (_key, value, { source = "" } = {}) => {
    if (typeof value !== "number") return value;
    if (INTEGER.test(source)) return exactInteger(value, source);
    if (!Number.isFinite(value)) return source;
    if (isRounded(value, source)) onRounded?.(source);
    return value;
  };
}

function isWrittenOtherwise(source: string): boolean {
  return String(Number(source)) !== source;
}

function exactInteger(value: number, source: string): number | bigint | string {
  if (Number.isSafeInteger(value)) return value;
  return source.length > MAX_DIGITS ? source : BigInt(source);
}

function keepText(_key: string, value: unknown, { source = "" }: ReviverContext = {}): unknown {
  if (typeof value !== "number") return value;
  const isKept = INTEGER.test(source) ? Number.isSafeInteger(value) : Number.isFinite(value);
  return isKept && !isRounded(value, source) ? value : source;
}

function keepWritten(_key: string, value: unknown, { source = "" }: ReviverContext = {}): unknown {
  return typeof value === "number" && String(value) !== source ? writtenNumber(source) : value;
}

/** Whether a finite number differs from its text, and the text is not how a double is written. */
function isRounded(value: number, source: string): boolean {
  const digits = significantDigits(source);
  if (digits.length <= ALWAYS_HELD) return digits !== "" && Math.abs(value) < SMALLEST_FULL;
  // JavaScript writes a double with the fewest digits that tell it apart; C and many others write 16 or 17.
  const isOfDouble = [String(value), value.toPrecision(16), value.toPrecision(17)].some(
    (written) => significantDigits(written) === digits,
  );
  return !isOfDouble || Math.abs(value) < SMALLEST_FULL;
}

/** The digits from the first to the last one that is not zero; empty where all are zero. */
function significantDigits(number: string): string {
  const [mantissa = ""] = number.split(/[eE]/, 1);
  const digits = mantissa.replaceAll(/[-.]/g, "");
  let start = 0;
  while (digits[start] === "0") start += 1;
  let end = digits.length;
  while (end > start && digits[end - 1] === "0") end -= 1;
  return digits.slice(start, end);
}
