import { cellText, type Row } from "@parallel-parrot/core";
import Table from "cli-table3";
import stringWidth from "string-width";
import { printable } from "./report.ts";

/**
 * Rows as a table with lines, where it fits a terminal of so many columns without a cell that has to be broken;
 * otherwise `undefined`.
 */
export function formatTable(rows: readonly Row[], columns: number): string | undefined {
  const names = namesOf(rows);
  const cells = rows.map((row) => names.map((name) => lineOf(row[name])));
  if (cells.flat().some((cell) => cell === undefined)) return undefined;
  const head = names.map(printable);
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const row of cells) table.push(row.map((cell) => cell ?? ""));
  const text = table.toString();
  return text.split("\n").every((line) => stringWidth(line) <= columns) ? text : undefined;
}

/** A cell in one line; `undefined` for one with line breaks. */
function lineOf(cell: unknown): string | undefined {
  const text = textOf(cell);
  return text.includes("\n") ? undefined : printable(text);
}

function namesOf(rows: readonly Row[]): readonly string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

function textOf(cell: unknown): string {
  return cell === null ? "null" : (cellText(cell) ?? "");
}
