import { describeGiven, isRecord, ParrotError, type Row, rowName } from "@parallel-parrot/core";

/**
 * Requires that a value is a row: an object of columns.
 *
 * @throws ParrotError `INVALID_OPTION` that names the row
 */
export function requireRow(value: unknown, index: number): asserts value is Row {
  if (isRecord(value)) return;
  throw new ParrotError(
    "INVALID_OPTION",
    `Cannot use ${rowName(index)}: expected an object of columns, such as { text: "…" }, got ${describeGiven(value)}`,
    { option: "rows", row: index },
  );
}
