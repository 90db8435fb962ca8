import type { PartName } from "./bench-options.ts";
import { drawLines } from "./draw-lines.ts";
import { drawTimes } from "./makespan/draw-times.ts";
import type { PartResult } from "./results.ts";
import { drawThroughput } from "./throughput/draw-throughput.ts";

/** A picture in `results/`, drawn from what a part found. */
interface Picture {
  readonly file: string;
  /** `undefined` where the results are of a time when they did not have what it shows. */
  draw(result: PartResult): string | undefined;
}

/** The pictures, by the part that they are drawn from. */
export const PICTURES: Partial<Record<PartName, Picture>> = {
  throughput: { file: "throughput.svg", draw: drawThroughput },
  makespan: { file: "makespan.svg", draw: drawTimes },
  memory: {
    file: "memory.svg",
    draw: ({ series, machine }) =>
      series &&
      drawLines({
        title: "Memory over rows",
        subtitle: `resident memory of the whole process, from file to file; ${withoutLoad(machine)}`,
        series,
        across: "rows done",
        up: "MB",
      }),
  },
  limits: {
    file: "limits.svg",
    draw: ({ series, machine }) =>
      series &&
      drawLines({
        title: "Use of a limit of tokens over time",
        subtitle: `by the server's own books, in steps of 5 s; ${withoutLoad(machine)}`,
        series,
        across: "seconds",
        up: "% of the limit",
      }),
  },
};

/** The machine, without what it did before the run. */
function withoutLoad(machine: string): string {
  return machine.replace(/, load .*/, "");
}
