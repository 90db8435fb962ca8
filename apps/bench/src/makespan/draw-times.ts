import { drawBars } from "../draw-bars.ts";
import { formatCell } from "../format-cell.ts";
import type { PartResult } from "../results.ts";

/** The makespan part's last table as a picture: the runs of 5,000 rows, a thousand in flight. @throws Error without it */
export function drawTimes({ tables, machine }: PartResult): string {
  const table = tables.at(-1);
  if (table === undefined) throw new Error("Cannot draw the time to finish: its results have no table");
  const [rows, seconds, ideal] = ["rows", "seconds", "× ideal"].map((column) => table.head.indexOf(column));
  const drawn = table.rows.filter((row) => row[rows ?? 1] === 5000);
  return drawBars({
    title: "Time to finish: 5,000 rows, 1 s for an answer, 1,000 in flight",
    subtitle: `shorter is better; 5 s is the least that it can take; ${machine.replace(/, load .*/, "")}`,
    isShortBest: true,
    bars: drawn.map((row) => {
      const label = String(row[0]).replace(/, 1,000 told$/, "");
      return {
        label,
        value: Number(row[seconds ?? 3]),
        note: `s, ${formatCell(row[ideal ?? 4])} × the least`,
        stands: label === "pipeline",
      };
    }),
  });
}
