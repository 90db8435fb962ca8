import stringWidth from "string-width";
import { printable } from "../terminal/report.ts";
import { formatTable } from "../terminal/table.ts";
import { wrapText } from "../terminal/wrap-text.ts";
import type { Field, ShownRow } from "./shown-row.ts";

/** Lines of a cell of the input that are shown, and of an answer or a prompt. */
const MAX_LINES = { cell: 5, answer: 40 };
/** Columns that a value has at least, however long its label is. */
const LEAST_WIDTH = 20;
const INDENT = "  ";

/** Rows of a preview as a table, where no cell has to be broken for it; otherwise each as a block of its own. */
export function formatRows(rows: readonly ShownRow[], columns: number): string {
  if (rows.length === 0) return "(no rows)";
  return asTable(rows, columns) ?? rows.map((row) => asBlock(row, columns)).join("\n\n");
}

function asTable(rows: readonly ShownRow[], columns: number): string | undefined {
  const lines: Record<string, string>[] = [];
  for (const { name, cells, prompt, answers, notes } of rows) {
    if (prompt.length > 0 || notes.length > 0) return undefined;
    for (const answer of answers) {
      const fields = [["row", name.replace("row ", "")] as const, ...cells, ...answer];
      const line = Object.fromEntries(fields);
      // Columns of one name would be one.
      if (Object.keys(line).length < fields.length) return undefined;
      lines.push(line);
    }
  }
  return formatTable(lines, columns);
}

function asBlock({ name, cells, prompt, answers, notes }: ShownRow, columns: number): string {
  const isOne = answers.length === 1;
  const fields = [
    ...cells.map((field) => [field, MAX_LINES.cell] as const),
    ...[
      ...prompt,
      ...answers.flatMap((answer, at) => (isOne ? answer : numbered(answer, at, answers.length))),
      ...notes,
    ].map((field) => [field, MAX_LINES.answer] as const),
  ];
  const widest = Math.max(0, ...fields.map(([[label]]) => stringWidth(printable(label))));
  const width = Math.max(LEAST_WIDTH, columns - INDENT.length - widest - 2);
  const lines = fields.flatMap(([[label, value], most]) => {
    const shown = printable(label);
    const gap = " ".repeat(widest - stringWidth(shown) + 2);
    return linesOf(value, width, most).map((line, at) =>
      `${INDENT}${at === 0 ? `${shown}${gap}` : " ".repeat(widest + 2)}${line}`.trimEnd(),
    );
  });
  return [name, ...lines].join("\n");
}

/** The number of an answer stands in front of its first column. */
function numbered(answer: readonly Field[], at: number, count: number): readonly Field[] {
  const number = `${at + 1}. `.padStart(String(count).length + 2);
  return answer.map(([label, value], column) => [
    `${column === 0 ? number : " ".repeat(number.length)}${label}`,
    value,
  ]);
}

function linesOf(value: string, width: number, most: number): readonly string[] {
  const safe = value.split(/\r?\n/).map(printable).join("\n");
  const lines = wrapText(safe, width);
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `… and ${lines.length - most + 1} more lines`];
}
