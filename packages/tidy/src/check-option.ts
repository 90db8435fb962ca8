import { missingColumns, ParrotError, stringifyJson, type Row } from "@parallel-parrot/core";

/** Throws INVALID_OPTION unless `value` is one of `allowed`. */
export function requireOneOf(option: string, value: unknown, allowed: readonly unknown[]): void {
  if (allowed.includes(value)) return;
  throw invalidOption(option, `one of ${allowed.map((name) => JSON.stringify(name)).join(", ")}`, value);
}

/** Throws INVALID_OPTION unless `value` is a whole number from 1 to `most`. */
export function requireCount(option: string, value: unknown, most: number = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? "from 1" : `from 1 to ${most}`;
  throw invalidOption(option, `a whole number ${range}`, value);
}

/** Throws INVALID_OPTION unless `value` is a text. */
export function requireText(option: string, value: unknown): void {
  if (typeof value !== "string") throw invalidOption(option, "a text", value);
}

/** Throws INVALID_OPTION unless `value` is a list of texts. */
export function requireTexts(option: string, value: unknown): void {
  if (Array.isArray(value) && value.every((name) => typeof name === "string")) return;
  throw invalidOption(option, "a list of column names", value);
}

/** Throws MISSING_COLUMN unless the first row has each of the columns that an option names. */
export function requireColumns(option: string, row: Row, columns: readonly string[]): void {
  const missing = columns.filter((column) => !Object.hasOwn(row, column));
  if (missing.length === 0) return;
  const problem = `Cannot use the option ${option}: the first row has no column`;
  throw missingColumns(problem, missing, Object.keys(row), { option });
}

function invalidOption(option: string, expected: string, value: unknown): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    `Cannot tidy rows: ${option} must be ${expected}, got ${stringifyJson(value) ?? typeof value}`,
    { option },
  );
}
