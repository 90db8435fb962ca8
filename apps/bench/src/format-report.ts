import { formatBound, formatCell } from "./format-cell.ts";
import { isMet } from "./is-met.ts";
import type { Goal, Report, Table } from "./report.ts";
import { textColumns } from "./text-columns.ts";

/** A report for a terminal. */
export function formatReport({ tables, goals, notes }: Report): string {
  const sections = [
    ...tables.map(formatTable),
    goals.map(formatGoal).join("\n"),
    notes.map((note) => `  ${note}`).join("\n"),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

function formatTable(table: Table): string {
  const lines = [table.head, ...table.rows].map((line) => line.map((cell) => withoutMarks(formatCell(cell))));
  const isText = textColumns(table);
  const widths = isText.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  const format = (line: readonly string[]): string =>
    widths
      .map((width, column) => {
        const cell = line[column] ?? "";
        return isText[column] === true ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd();
  return [withoutMarks(table.title), ...lines.map((line) => `  ${format(line)}`)].join("\n");
}

function formatGoal(goal: Goal): string {
  const verdict = isMet(goal) ? "met    " : "not met";
  return `  ${verdict}  ${withoutMarks(goal.what)}: ${formatCell(goal.value)} ${goal.unit} (goal ${formatBound(goal)})`;
}

/** Backticks are Markdown's. */
function withoutMarks(text: string): string {
  return text.replaceAll("`", "");
}
