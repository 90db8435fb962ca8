import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { BenchContext } from "./bench-context.ts";
import { median } from "./quantile.ts";
import type { Report } from "./report.ts";

const run = promisify(execFile);

const PARROT = join(import.meta.dirname, "../../cli/dist/main.js");
const TIMES = 15;

/** How long the command line takes to say its help, and Node.js alone to do nothing. */
export async function startup({ options }: BenchContext): Promise<Report> {
  const times = options.isQuick ? 5 : TIMES;
  const help: number[] = [];
  const nothing: number[] = [];
  for (let time = 0; time <= times; time++) {
    help.push(await timed([PARROT, "--help"]));
    nothing.push(await timed(["--eval", "0"]));
  }
  // The first of each reads the files from disk.
  const [parrotMs, nodeMs] = [median(help.slice(1)), median(nothing.slice(1))];
  return {
    tables: [
      {
        title: `Start, medians of ${times}`,
        head: ["", "ms"],
        rows: [
          ["`parrot --help`", Math.round(parrotMs)],
          ["Node.js doing nothing", Math.round(nodeMs)],
        ],
      },
    ],
    goals: [{ what: "`parrot --help`", value: parrotMs, atMost: 150, unit: "ms" }],
    notes: [],
  };
}

async function timed(parameters: readonly string[]): Promise<number> {
  const start = performance.now();
  await run(process.execPath, parameters);
  return performance.now() - start;
}
