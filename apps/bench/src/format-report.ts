import { formatBound, formatCell } from "./format-cell.ts";
import { isMet } from "./is-met.ts";
import type { Goal, Report, Table } from "./report.ts";

/** A report for a terminal. */
export function formatReport({ tables, goals, notes }: Report): string {
  const sections = [
    ...tables.map(formatTable),
    goals.map(formatGoal).join("\n"),
    notes.map((note) => `  ${note}`).join("\n"),
  ];
  // In a terminal, backticks are noise.
  return sections
    .filter((section) => section !== "")
    .join("\n\n")
    .replaceAll("`", "");
}

/** The first column to the left, the others to the right. */
function formatTable({ title, head, rows }: Table): string {
  const lines = [head, ...rows].map((line) => line.map(formatCell));
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  const format = (line: readonly string[]): string =>
    widths
      .map((width, column) => {
        const cell = line[column] ?? "";
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd();
  return [title, ...lines.map((line) => `  ${format(line)}`)].join("\n");
}

function formatGoal(goal: Goal): string {
  const verdict = isMet(goal) ? "met    " : "not met";
  return `  ${verdict}  ${goal.what}: ${formatCell(goal.value)} ${goal.unit} (goal ${formatBound(goal)})`;
}
