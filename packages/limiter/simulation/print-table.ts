/** Prints the table of the README: `node packages/limiter/simulation/print-table.ts [seeds]`. */
import {
  blindCells,
  LARGE,
  runBlindCell,
  runCells,
  SMALL,
  type Knowledge,
  type LimitSize,
} from "./limit-cells.ts";
import type { LimitOutcome } from "./simulate-limit.ts";
import { SERVER_KINDS } from "./server-window.ts";

const seeds = Number(process.argv[2] ?? 5);

function percent(value: number, digits: number): string {
  return (100 * value).toFixed(digits);
}

function cell(runs: readonly LimitOutcome[]): string {
  const mean = (of: (run: LimitOutcome) => number): number =>
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

const cells = blindCells();
const rows = ["actual", "up front"].flatMap((charge) =>
  [true, false].flatMap((headers) =>
    [1, 2, undefined].map((told) => {
      const row = cells.filter(
        (one) => one.charge === charge && one.headers === headers && one.told === told,
      );
      const words = told === undefined ? "nothing" : told === 1 ? "right" : "twice";
      return `| ${words} | ${headers ? "yes" : "no"} | ${charge} | ${row.map((one) => cell(runBlindCell(one, seeds))).join(" | ")} |`;
    }),
  ),
);
process.stdout.write(
  `| told | headers | charge | ${SERVER_KINDS.join(" | ")} |\n| --- | --- | --- | ${SERVER_KINDS.map(() => "---").join(" | ")} |\n${rows.join("\n")}\n`,
);
