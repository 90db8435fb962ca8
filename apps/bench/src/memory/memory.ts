import type { BenchContext } from "../bench-context.ts";
import type { SliceFigures } from "../jobs/start-job.ts";
import type { Cell, Goal, Report, Series } from "../report.ts";
import { startFixedServer } from "../servers/start-fixed-server.ts";
import { measureMemory, MEMORY_CONCURRENCY } from "./measure-memory.ts";
import { slopeOf } from "./slope-of.ts";

/** As small as the goal says the heap may be. */
const SMALL_HEAP = "--max-old-space-size=64";
/** Rows a run needs before its memory has settled. */
const WARM_UP_ROWS = 100_000;

interface Run {
  readonly title: string;
  readonly rows: number;
  /** `undefined` when the run did not finish. */
  readonly figures: SliceFigures | undefined;
}

/** Resident memory against the number of rows, file to file. */
export async function memory({ folder, options }: BenchContext): Promise<Report> {
  const sizes = options.isQuick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000];
  const server = await startFixedServer(folder);
  const run = async (rows: number, ...flags: string[]): Promise<Run> => ({
    title: [`${rows.toLocaleString("en-US")} rows`, ...flags].join(", "),
    rows,
    figures: await measureMemory({ folder, baseUrl: server.baseUrl, rows, flags }).catch(() => undefined),
  });
  try {
    const runs: Run[] = [];
    for (const rows of sizes) runs.push(await run(rows));
    const small = await run(Math.max(...sizes), SMALL_HEAP);
    return {
      tables: [
        {
          title: `Resident memory, JSON Lines to JSON Lines, ${MEMORY_CONCURRENCY} in flight`,
          head: ["", "peak MB", "slope, bytes a row", "rows/s"],
          rows: [...runs, small].map(rowOf),
        },
      ],
      goals: goalsOf(runs.at(-1) ?? small, small),
      notes: [
        `The slope is that of a straight line through samples of the resident memory after the first ${WARM_UP_ROWS.toLocaleString("en-US")} rows. V8 collects when it likes to: some bytes up or down are its garbage.`,
        `Server: ${server.name}`,
      ],
      series: [...runs.slice(-1), small].map(seriesOf),
    };
  } finally {
    await server.stop();
  }
}

/** As many points as a picture has use for. */
const POINTS = 200;

function seriesOf({ title, rows, figures }: Run): Series {
  const samples = figures?.samples ?? [];
  const step = Math.max(1, Math.floor(samples.length / POINTS));
  const points = samples.flatMap((bytes, index) => {
    return index % step === 0 ? [[((index + 1) / samples.length) * rows, bytes / 1_000_000] as const] : [];
  });
  return {
    title,
    at: points.map(([row]) => Math.round(row)),
    values: points.map(([, mb]) => Math.round(mb)),
  };
}

function slope({ figures, rows }: Run): number | undefined {
  return slopeOf(figures?.samples ?? [], rows, WARM_UP_ROWS);
}

function rowOf(run: Run): readonly Cell[] {
  const { title, rows, figures } = run;
  if (figures === undefined) return [title, "did not finish", undefined, undefined];
  return [title, Math.round(figures.peakRssMb), slope(run), Math.round((rows / figures.ms) * 1000)];
}

function goalsOf(largest: Run, small: Run): readonly Goal[] {
  const bytes = slope(largest);
  return [
    ...(bytes === undefined
      ? []
      : [
          { what: `slope over ${largest.title} after warm-up`, value: bytes, atMost: 1, unit: "bytes a row" },
        ]),
    {
      what: `peak of ${largest.title}`,
      value: largest.figures?.peakRssMb ?? Number.NaN,
      atMost: 200,
      unit: "MB",
    },
    {
      what: `rows finished under ${SMALL_HEAP}`,
      value: small.figures === undefined ? 0 : small.rows,
      atLeast: small.rows,
      unit: "rows",
    },
  ];
}
