import { describeGiven, ParrotError, rowName, type Row } from "@parallel-parrot/core";

/**
 * Whether a value is a row: an object of columns.
 *
 * @throws ParrotError `INVALID_OPTION` that names the row
 */
export function requireRow(value: unknown, index: number): asserts value is Row {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return;
  throw new ParrotError(
    "INVALID_OPTION",
    `Cannot use ${rowName(index)}: expected an object of columns, such as { text: "…" }, got ${describeGiven(value)}`,
    { option: "rows", row: index },
  );
}
