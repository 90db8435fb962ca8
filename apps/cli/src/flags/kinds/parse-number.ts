import { InvalidArgumentError } from "commander";

function number(text: string, isRight: (value: number) => boolean, expected: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!isRight(value)) throw new InvalidArgumentError(`Expected ${expected}.`);
  return value;
}

/** A whole number from 0. */
export function whole(text: string): number {
  return number(text, (value) => Number.isInteger(value) && value >= 0, "a whole number");
}

/** A whole number, also below 0. */
export function integer(text: string): number {
  return number(text, Number.isInteger, "a whole number");
}

/** A number above 0. */
export function positive(text: string): number {
  return number(text, (value) => value > 0 && Number.isFinite(value), "a number above 0");
}

/** Any number. */
export function decimal(text: string): number {
  return number(text, Number.isFinite, "a number");
}

/** A number from 0 to 1. */
export function share(text: string): number {
  return number(withoutPercent(text), (value) => value >= 0 && value <= 1, "a share such as 0.05 or 5%");
}

/** `5%` as `0.05`. */
function withoutPercent(text: string): string {
  const [, digits] = /^(\d+(?:\.\d+)?)%$/.exec(text.trim()) ?? [];
  return digits === undefined ? text : String(Number((Number(digits) / 100).toFixed(8)));
}

/** How much two texts have in common, from the half on: with less, any two texts would be alike. */
export function likeness(text: string): number {
  return number(
    withoutPercent(text),
    (value) => value >= 0.5 && value <= 1,
    "a share from 0.5 to 1, such as 0.9 or 90%",
  );
}

/** Names separated by commas. */
export function list(text: string): string[] {
  const keys = text.split(",").map((key) => key.trim());
  if (keys.includes("")) throw new InvalidArgumentError("Expected names separated by commas.");
  return keys;
}
