import { formatTable } from "../format-table.ts";
import { formatGoal, formatNumber } from "../goal.ts";
import type { Ratio } from "./summarize-throughput.ts";
import type { ThroughputResults } from "./throughput.ts";

/** The throughput part for a terminal. */
export function printThroughput({ server, tables, skipped }: ThroughputResults): string {
  const sections = tables.map(({ concurrency, rounds, jobs, goals }) => {
    const head = ["", "rows/s", "× request", "quartiles", "CPU µs a row", "rows a CPU-second ×", "peak MB"];
    const rows = jobs.map(({ name, rowsPerSecond, cpuMicrosPerRow, peakRssMb, speed, economy }) => [
      name,
      formatNumber(rowsPerSecond),
      formatRatio(speed),
      speed === undefined ? "" : `${formatNumber(speed.low)}–${formatNumber(speed.high)}`,
      formatNumber(cpuMicrosPerRow),
      formatRatio(economy),
      formatNumber(peakRssMb),
    ]);
    const title = `Throughput, JSON Lines to JSON Lines, ${concurrency} in flight, medians of ${rounds} rounds`;
    return [title, formatTable(head, rows), ...goals.map(formatGoal)].join("\n");
  });
  const notes = [`Server: ${server}`, ...skipped.map((what) => `Skipped: ${what}`)];
  return [...sections, notes.map((note) => `  ${note}`).join("\n")].join("\n\n");
}

function formatRatio(ratio: Ratio | undefined): string {
  return ratio === undefined ? "–" : formatNumber(ratio.median);
}
