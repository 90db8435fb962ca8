import {
  counted,
  hasTooManyValues,
  isPlainObject,
  MAX_JSON_VALUES,
  nestingProblem,
  parseJson,
  stringifyJson,
} from "@parallel-parrot/core";
import { extractJson } from "@parallel-parrot/parse";

/** The elements of the list in a cell, or why there are none. */
export type ElementsReading =
  | {
      readonly ok: true;
      readonly elements: readonly unknown[];
      /** Whether the cell was not valid JSON. */
      readonly isRepaired: boolean;
      /** The first number in it that was rounded, as it was written. */
      readonly rounded: string | undefined;
    }
  | {
      readonly ok: false;
      readonly code: "INVALID_CELL" | "TOO_MANY_OUTPUTS";
      readonly problem: string;
    };

interface Found {
  readonly value: unknown;
  readonly isRepaired: boolean;
  readonly rounded?: string | undefined;
}

/** How a cell is read. */
export interface ReadElementsOptions {
  readonly longNumbers: "bigint" | "text";
  readonly maxOutputsPerRow: number;
}

/**
 * Reads the list, or the one object, that a cell holds as a value or as text. Text is read as answers of models are,
 * with Python's notation, code fences and JSON between prose. Nothing is guessed: a list that is cut off, several
 * values and brackets in prose are not read.
 */
export function readElements(
  cell: unknown,
  { longNumbers, maxOutputsPerRow: most }: ReadElementsOptions,
): ElementsReading {
  if (typeof cell === "string" && hasTooManyValues(cell, false)) {
    const problem = `it has more than ${MAX_JSON_VALUES} JSON values, which is too many to read`;
    return { ok: false, code: "TOO_MANY_OUTPUTS", problem };
  }
  const found: Found | string =
    typeof cell === "string" ? readText(cell, longNumbers) : { value: cell, isRepaired: false };
  if (typeof found === "string") return invalid(found);
  const { value, isRepaired, rounded } = found;
  const elements = elementsOf(value);
  if (elements === undefined) return invalid(`expected a list or an object, got ${typeof value}`);
  if (elements.length > most) {
    const problem = `it has ${counted(elements.length, "element")}, and maxOutputsPerRow allows ${most}`;
    return { ok: false, code: "TOO_MANY_OUTPUTS", problem };
  }
  const nesting = nestingProblem(value);
  return nesting === undefined ? { ok: true, elements, isRepaired, rounded } : invalid(`it ${nesting}`);
}

function invalid(problem: string): ElementsReading {
  return { ok: false, code: "INVALID_CELL", problem };
}

function elementsOf(value: unknown): readonly unknown[] | undefined {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  return isPlainObject(value) ? [value] : undefined;
}

/** The value in a text, or a sentence that says what is wrong with the text. */
function readText(text: string, longNumbers: "bigint" | "text"): Found | string {
  if (text.trim() === "") return { value: null, isRepaired: false };
  const whole = parse(text, longNumbers);
  if (whole === undefined) {
    const found = find(text);
    const isDone = typeof found === "string" || longNumbers === "bigint";
    return isDone ? found : { ...found, value: parse(stringifyJson(found.value) ?? "", longNumbers)?.value };
  }
  // A list may have been turned into JSON twice.
  const inner = typeof whole.value === "string" ? parse(whole.value, longNumbers) : undefined;
  return inner === undefined || inner.value === null || elementsOf(inner.value) === undefined
    ? { ...whole, isRepaired: false }
    : { ...inner, isRepaired: true };
}

/** The value of a JSON text; `undefined` where the text is not JSON. */
function parse(text: string, longNumbers: "bigint" | "text"): Omit<Found, "isRepaired"> | undefined {
  let rounded: string | undefined;
  function onRounded(number: string): void {
    rounded ??= number;
  }
  try {
    const value = parseJson(text, longNumbers === "text" ? { numbers: "text" } : { onRounded });
    return { value, rounded };
  } catch {
    return undefined;
  }
}

function find(text: string): Found | string {
  const json = extractJson(text);
  if (json.status === "none" || json.status === "broken") return json.reason;
  if (json.status === "cut") return "it ends in the middle of the JSON";
  if (json.others > 0) return `expected one list, got ${json.others + 1} separate JSON values`;
  const isCertain = elementsOf(json.value)?.every(isPlainObject) === true || isQuotedList(text);
  return isCertain ? { value: json.value, isRepaired: true } : "it is not JSON and may be nothing but prose";
}

/**
 * Whether a text is one list with quotes in it, perhaps in a code fence. The brackets of prose, as in `see [1]` and
 * `[sic]`, have no quotes.
 */
function isQuotedList(text: string): boolean {
  const bare = withoutFence(text.trim());
  if (!bare.startsWith("[") || !/["'‘“]/.test(bare)) return false;
  let depth = 0;
  for (let at = 0; at < bare.length; at++) {
    if (bare[at] === "[") depth += 1;
    else if (bare[at] === "]") depth -= 1;
    if (depth === 0) return at === bare.length - 1;
  }
  return false;
}

function withoutFence(text: string): string {
  if (!text.startsWith("```") || !text.endsWith("```")) return text;
  return text.slice(text.indexOf("\n") + 1, text.lastIndexOf("\n")).trim();
}
