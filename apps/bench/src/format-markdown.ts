import { formatBound, formatCell } from "./format-cell.ts";
import { isMet } from "./is-met.ts";
import type { Report, Table } from "./report.ts";
import { textColumns } from "./text-columns.ts";

/** A report as Markdown. */
export function formatMarkdown({ tables, goals, notes }: Report): string {
  const goalTable: Table = {
    title: "Goals",
    head: ["figure", "measured", "goal", ""],
    rows: goals.map((goal) => [
      goal.what,
      `${formatCell(goal.value)} ${goal.unit}`,
      formatBound(goal),
      isMet(goal) ? "met" : "**not met**",
    ]),
  };
  return [
    ...tables.map(formatTable),
    goals.length === 0 ? "" : formatTable(goalTable),
    notes.map((note) => `- ${note}`).join("\n"),
  ]
    .filter((section) => section !== "")
    .join("\n\n");
}

function formatTable(table: Table): string {
  const rule = textColumns(table).map((isText) => (isText ? "---" : "---:"));
  const lines = [table.head, rule, ...table.rows].map((line) => `| ${line.map(formatCell).join(" | ")} |`);
  return `${table.title}:\n\n${lines.join("\n")}`;
}
