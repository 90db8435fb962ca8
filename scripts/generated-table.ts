/** Keeps tables in documents equal to the code that they are made from. */
import { readFileSync, writeFileSync } from "node:fs";

/** A table that is written between `<!-- name -->` and `<!-- /name -->`. */
export interface GeneratedTable {
  readonly name: string;
  readonly documents: readonly string[];
  /** The head first. */
  readonly rows: readonly (readonly string[])[];
  /** What writes it, for the message of a check that fails. */
  readonly command: string;
}

/** Writes the table into its documents; with `--check` on the command line it only says whether they are up to date. */
export function keepTable({ name, documents, rows, command }: GeneratedTable): void {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  for (const document of documents) {
    const text = readFileSync(document, "utf8");
    const [before, rest = ""] = text.split(start);
    const after = rest.split(end)[1];
    if (before === undefined || after === undefined) throw new Error(`${document} has no ${start} … ${end}`);
    const written = `${before}${start}\n\n${markdownTable(rows)}\n\n${end}${after}`;
    if (written === text) continue;
    if (process.argv.includes("--check")) {
      console.error(`The table of ${name} in ${document} is stale; run: ${command}`);
      process.exitCode = 1;
    } else {
      writeFileSync(document, written);
    }
  }
}

/** A word of code in a cell. */
export function code(text: string): string {
  return `\`${text}\``;
}

function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(head), rule, ...body.map(line)].join("\n");
}
