/** Prints the table of the README: `node packages/limiter/simulation/print-table.ts [seeds]`. */
import { LARGE, runCells, SMALL, type CellRun, type Knowledge, type LimitSize } from "./limit-cells.ts";
import { SERVER_KINDS } from "./server-window.ts";

const seeds = Number(process.argv[2] ?? 5);

function percent(value: number, digits: number): string {
  return (100 * value).toFixed(digits);
}

function cell(runs: readonly CellRun[]): string {
  const mean = (of: (run: CellRun) => number): number =>
    runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
  const use = percent(
    mean((run) => run.use),
    1,
  );
  const worstUse = percent(Math.min(...runs.map((run) => run.use)), 1);
  const refused = percent(
    mean((run) => run.refused),
    2,
  );
  const worstRefused = percent(Math.max(...runs.map((run) => run.refused)), 2);
  return `${use} (${worstUse}) / ${refused} (${worstRefused})`;
}

function printTable(title: string, sizes: readonly LimitSize[], knowledge: readonly Knowledge[]): void {
  const rows = knowledge.flatMap((known) => {
    const runs = runCells(known, sizes, seeds);
    return (["actual", "up front"] as const).map((charge) => {
      const cells = SERVER_KINDS.map((server) =>
        cell(runs.filter((run) => run.server === server && run.charge === charge)),
      );
      return `| ${known} | ${charge} | ${cells.join(" | ")} |`;
    });
  });
  const head = `| ${title} | charge | ${SERVER_KINDS.join(" | ")} |\n| --- | --- | ${SERVER_KINDS.map(() => "---").join(" | ")} |`;
  process.stdout.write(`${head}\n${rows.join("\n")}\n\n`);
}

const all: readonly Knowledge[] = [
  "right",
  "headers",
  "unknown",
  "unknown, Retry-After",
  "twice",
  "twice, Retry-After",
];
printTable("limits known", LARGE, all);
printTable("small limits", SMALL, all);
