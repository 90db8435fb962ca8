import { cellText } from "@parallel-parrot/core";
import { isEmptyCell } from "../is-empty-cell.ts";
import { areEqual, numberOf } from "./compare.ts";

/** A function of the language of conditions. It takes whatever cells hold, and throws for none of them. */
interface ConditionFunction {
  /** The names of its arguments, for messages. */
  readonly takes: readonly string[];
  call(...values: readonly unknown[]): unknown;
}

/** The functions of the language, by name. Each takes time in proportion to the text that it is given. */
export const FUNCTIONS: ReadonlyMap<string, ConditionFunction> = new Map<string, ConditionFunction>([
  ["length", { takes: ["column"], call: lengthOf }],
  ["lower", { takes: ["text"], call: (value) => textOf(value).toLowerCase() }],
  ["upper", { takes: ["text"], call: (value) => textOf(value).toUpperCase() }],
  ["trim", { takes: ["text"], call: (value) => textOf(value).trim() }],
  ["contains", { takes: ["column", "part"], call: contains }],
  ["startsWith", { takes: ["text", "part"], call: (value, part) => textOf(value).startsWith(textOf(part)) }],
  ["endsWith", { takes: ["text", "part"], call: (value, part) => textOf(value).endsWith(textOf(part)) }],
  ["isEmpty", { takes: ["column"], call: isEmptyCell }],
  ["number", { takes: ["text"], call: (value) => numberOf(value) ?? null }],
  ["text", { takes: ["column"], call: textOf }],
]);

/** Characters of a text, or elements of a list. */
function lengthOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  let length = 0;
  for (const _ of textOf(value)) length += 1;
  return length;
}

/** Whether a text has a part, or a list an element. */
function contains(value: unknown, part: unknown): boolean {
  return Array.isArray(value)
    ? value.some((element: unknown) => areEqual(element, part))
    : textOf(value).includes(textOf(part));
}

/** The text of a value; that of null, and of what has no text, is empty. */
function textOf(value: unknown): string {
  try {
    return cellText(value) ?? "";
  } catch {
    // What has a circular reference has no text.
    return "";
  }
}
