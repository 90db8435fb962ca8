import { formatCell } from "../format-cell.ts";
import { JOBS, type JobName } from "../jobs/jobs.ts";
import { median } from "../quantile.ts";
import type { Cell, Table } from "../report.ts";
import type { Load } from "./loads.ts";
import type { Rounds } from "./measure-throughput.ts";
import { ratioOf, rowsPerCpuSecond, rowsPerSecond } from "./ratio-of.ts";

export const THROUGHPUT_COLUMNS = [
  "job",
  "",
  "rows/s",
  "× request",
  "quartiles",
  "CPU µs a row",
  "rows a CPU-second ×",
  "peak MB",
];

/** What one table is of. */
export interface Measured {
  readonly load: Load;
  readonly concurrency: number;
}

/** All jobs at one number of requests in flight, the ratios against the bare loop. */
export function throughputTable(
  rounds: Rounds,
  names: readonly JobName[],
  { load, concurrency }: Measured,
): Table {
  return {
    title: `From file to file, ${load.title}, ${concurrency} in flight, medians of ${rounds.length} rounds`,
    head: THROUGHPUT_COLUMNS,
    rows: names.map((name) => rowOf(rounds, name)),
  };
}

function rowOf(rounds: Rounds, name: JobName): readonly Cell[] {
  const slices = rounds.flatMap((round) => round.get(name) ?? []);
  const speed = ratioOf(rounds, name, "request", rowsPerSecond);
  return [
    name,
    JOBS[name].title,
    Math.round(median(slices.map(rowsPerSecond))),
    speed?.median,
    speed === undefined ? undefined : `${formatCell(speed.low)} – ${formatCell(speed.high)}`,
    median(slices.map((slice) => 1_000_000 / rowsPerCpuSecond(slice))),
    ratioOf(rounds, name, "request", rowsPerCpuSecond)?.median,
    Math.round(Math.max(...slices.map(({ peakRssMb }) => peakRssMb))),
  ];
}
