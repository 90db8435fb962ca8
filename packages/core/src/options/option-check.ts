import { isObject } from "../cells/is-object.ts";

/** What is wrong with an option, and which one it is. */
export interface OptionProblem {
  /** The option as its user writes it, such as `limits.tokensPerMinute`. */
  readonly option: string;
  /** What was expected and what was given. */
  readonly message: string;
}

/** What one option may be. */
export interface OptionCheck {
  /** What is wrong with a value other than `undefined`; `undefined` where nothing is. */
  problemOf(value: unknown, option: string): OptionProblem | undefined;
  /** What a required option is expected to be; absent for one that may be left out. */
  readonly required?: string;
}

/** A check for each option that there is, so that an option without one does not compile. */
export type OptionChecks<O> = { readonly [Name in keyof O]-?: OptionCheck };

/** Checks a value by a test, and says what it expected in words. */
export function expecting(expected: string, isGood: (value: unknown) => boolean): OptionCheck {
  return {
    problemOf: (value, option) =>
      isGood(value) ? undefined : { option, message: `expected ${expected}, got ${describeGiven(value)}` },
  };
}

/** The same check of an option that must not be left out. */
export function required(check: OptionCheck, expected: string): OptionCheck {
  return { ...check, required: expected };
}

/** Anything, as another part of the program checks it. */
export const anything: OptionCheck = { problemOf: () => undefined };

export const aText: OptionCheck = expecting("a text", (value) => typeof value === "string");

export const aColumn: OptionCheck = expecting(
  "the name of a column",
  (value) => typeof value === "string" && value !== "",
);

export const aBoolean: OptionCheck = expecting("true or false", (value) => typeof value === "boolean");

export const aFunction: OptionCheck = expecting("a function", (value) => typeof value === "function");

/** JSON has no other numbers: it would make nulls of them. */
export const aNumber: OptionCheck = expecting("a finite number", (value) => Number.isFinite(value));

export const aNumberAbove0: OptionCheck = expecting(
  "a number above 0",
  (value) => typeof value === "number" && value > 0,
);

export const texts: OptionCheck = expecting(
  "a list of texts",
  (value) => Array.isArray(value) && value.every((one) => typeof one === "string"),
);

export const anObject: OptionCheck = expecting("an object", isObject);

export const aSignal: OptionCheck = expecting(
  "an AbortSignal",
  (value) => isObject(value) && "aborted" in value && "addEventListener" in value,
);

/** Never shows what was given. */
export const aSecret: OptionCheck = {
  problemOf: (value, option) =>
    typeof value === "string" ? undefined : { option, message: `expected a text, got ${kindOf(value)}` },
};

/** A whole number in a range. */
export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): OptionCheck {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  return expecting(
    `a whole number ${range}`,
    (value) => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most,
  );
}

/** One of a few values. */
export function oneOf(...values: readonly (string | boolean)[]): OptionCheck {
  const names = values.map((value) => JSON.stringify(value));
  const last = names.pop() ?? "";
  return expecting(names.length === 0 ? last : `${names.join(", ")} or ${last}`, (value) =>
    values.some((one) => one === value),
  );
}

/** What a value is, for a message: short, and no whole objects. */
export function describeGiven(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(clip(value));
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
  if (typeof value === "bigint") return `${value}n`;
  return kindOf(value);
}

/** What kind of thing a value is, without the value. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value !== "object") return `a ${typeof value}`;
  const name: unknown = Reflect.get(Object(Reflect.get(value, "constructor")), "name");
  return typeof name === "string" && name !== "" && name !== "Object"
    ? `an object (${clip(name)})`
    : "an object";
}

const MAX_SHOWN = 60;

function clip(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN).toWellFormed()}…`;
}
