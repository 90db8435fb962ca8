import { cellIdentity } from "@parallel-parrot/core";

/** A number as it is written in CSV and in most other texts. A decimal comma is not one. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
/** Longer texts are not numbers that anyone means. */
const MAX_DIGITS = 400;

/**
 * The number that a value is or that its text is written as; `undefined` where it is none. Integers that a double cannot
 * hold keep all of their digits.
 */
export function numberOf(value: unknown): number | bigint | undefined {
  if (typeof value === "number") return Number.isNaN(value) ? undefined : value;
  if (typeof value === "bigint") return value;
  if (typeof value !== "string" || value.length > MAX_DIGITS) return undefined;
  const text = value.trim();
  if (!NUMBER.test(text)) return undefined;
  const number = Number(text);
  const isLong = Number.isInteger(number) && !Number.isSafeInteger(number) && /^[+-]?\d+$/.test(text);
  return isLong ? BigInt(text.replace("+", "")) : number;
}

/** Whether a value is true or false, or a text of one of these words. */
export function booleanOf(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value;
  if (typeof value !== "string" || value.length > 10) return undefined;
  const word = value.trim().toLowerCase();
  return word === "true" ? true : word === "false" ? false : undefined;
}

/**
 * Whether two values are equal. A text equals a number that it is written as, and true or false by its word; two texts
 * are equal letter by letter. Null equals null alone.
 */
export function areEqual(one: unknown, other: unknown): boolean {
  if (one === null || other === null) return one === other;
  if (typeof one === "string" && typeof other === "string") return one === other;
  if (typeof one === "boolean" || typeof other === "boolean") return booleanOf(one) === booleanOf(other);
  if (isNumeric(one) || isNumeric(other)) {
    const [first, second] = [numberOf(one), numberOf(other)];
    return first !== undefined && second !== undefined && !(first < second) && !(first > second);
  }
  return cellIdentity(one) === cellIdentity(other);
}

/**
 * How a value stands to another: below 0, 0 or above 0. By number where both are numbers or texts of numbers, by letter
 * where both are texts otherwise. `null` where one is null or empty, `undefined` where the two cannot be compared.
 */
export function orderOf(one: unknown, other: unknown): number | null | undefined {
  if (isNothing(one) || isNothing(other)) return null;
  const [first, second] = [numberOf(one), numberOf(other)];
  if (first !== undefined && second !== undefined) return signOf(first < second, first > second);
  if (typeof one === "string" && typeof other === "string") return signOf(one < other, one > other);
  return undefined;
}

/** Whether a value is null or a text of blanks or of nothing. */
export function isNothing(value: unknown): boolean {
  return value === null || (typeof value === "string" && value.trim() === "");
}

function isNumeric(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint";
}

function signOf(isLess: boolean, isMore: boolean): number {
  return isLess ? -1 : isMore ? 1 : 0;
}
