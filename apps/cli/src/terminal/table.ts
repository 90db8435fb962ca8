import { cellText, type Row } from "@parallel-parrot/core";
import Table from "cli-table3";
import { printable } from "./report.ts";

const MAX_CELL = 200;

/** Rows as a table as wide as the terminal, long cells wrapped and shortened. */
export function formatTable(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (columns.length === 0) return "(no rows)";
  const width = Math.max(8, Math.floor(((process.stdout.columns || 100) - 1) / columns.length) - 1);
  const table = new Table({
    head: columns.map(printable),
    colWidths: columns.map(() => width),
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const row of rows) table.push(columns.map((column) => formatCell(row[column])));
  return table.toString();
}

/** Rows as a list: columns as wide as they need to be, no lines. */
export function formatList(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const table = new Table({
    chars: NO_LINES,
    head: columns,
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

function formatCell(cell: unknown): string {
  const line = printable(cell === null ? "null" : (cellText(cell) ?? ""));
  return line.length > MAX_CELL ? `${line.slice(0, MAX_CELL)}…` : line;
}
