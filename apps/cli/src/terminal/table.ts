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

/** Rows as a list: columns as wide as they need to be, no lines. */
export function formatList(rows: readonly Row[]): string {
  const columns = namesOf(rows);
  const table = new Table({
    chars: NO_LINES,
    head: [...columns],
    style: { head: [], border: [], "padding-left": 0 },
  });
  for (const row of rows) table.push(columns.map((column) => formatCell(row[column])));
  return table.toString();
}

const NO_LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: " ",
};

function namesOf(rows: readonly Row[]): readonly string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

const MAX_CELL = 200;

function formatCell(cell: unknown): string {
  const line = printable(textOf(cell));
  return line.length > MAX_CELL ? `${line.slice(0, MAX_CELL)}…` : line;
}

function textOf(cell: unknown): string {
  return cell === null ? "null" : (cellText(cell) ?? "");
}
