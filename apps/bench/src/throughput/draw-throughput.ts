import { drawBars } from "../draw-bars.ts";
import { formatCell } from "../format-cell.ts";
import type { PartResult } from "../results.ts";
import { THROUGHPUT_COLUMNS } from "./throughput-table.ts";

/** The throughput part's first table as a picture. @throws Error when there is none */
export function drawThroughput({ tables: [table], machine }: PartResult): string {
  if (table === undefined) throw new Error("Cannot draw the throughput: its results have no table");
  const [, title, perSecond, , , cpuMicros] = THROUGHPUT_COLUMNS.map((column) => table.head.indexOf(column));
  return drawBars({
    title: `Rows a second: ${table.title.replace(/, medians.*/, "")}`,
    subtitle: `longer is better; a fixed answer of 3 rows each; ${machine.replace(/, load .*/, "")}`,
    bars: table.rows.map((row) => {
      const label = String(row[title ?? 1]).replaceAll("`", "");
      return {
        label,
        value: Number(row[perSecond ?? 2]),
        note: `rows/s, ${formatCell(row[cpuMicros ?? 5])} µs CPU a row`,
        stands: label.startsWith("parallel-parrot"),
      };
    }),
  });
}
