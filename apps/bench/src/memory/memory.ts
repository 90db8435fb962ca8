import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { BenchContext } from "../bench-context.ts";
import { startJob, type SliceFigures } from "../jobs/start-job.ts";
import type { Report } from "../report.ts";
import { startFixedServer } from "../servers/start-fixed-server.ts";
import { writeInput } from "../write-input.ts";
import { slopeOf } from "./slope-of.ts";

const CONCURRENCY = 64;
/** As small as the goal says the heap may be. */
const SMALL_HEAP = "--max-old-space-size=64";
/** Rows a run needs before its memory has settled. */
const WARM_UP_ROWS = 50_000;

/** Resident memory against the number of rows, file to file. */
export async function memory({ folder, options }: BenchContext): Promise<Report> {
  const sizes = options.isQuick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000];
  const most = Math.max(...sizes);
  const server = await startFixedServer(folder);
  try {
    const runs: { readonly rows: number; readonly figures: SliceFigures }[] = [];
    for (const rows of sizes) runs.push({ rows, figures: await measure(folder, server.baseUrl, rows) });
    const small = await measure(folder, server.baseUrl, most, [SMALL_HEAP]).catch(() => undefined);
    const largest = runs.at(-1)?.figures;
    const toRow = (
      title: string,
      rows: number,
      figures: SliceFigures | undefined,
    ): (string | number | undefined)[] => [
      title,
      figures && Math.round(figures.peakRssMb),
      figures && slopeOf(figures.samples ?? [], rows, WARM_UP_ROWS),
      figures && Math.round((rows / figures.ms) * 1000),
    ];
    const title = `${most.toLocaleString("en-US")} rows`;
    return {
      tables: [
        {
          title: `Resident memory, JSON Lines to JSON Lines, ${CONCURRENCY} in flight`,
          head: ["", "peak MB", "slope, bytes a row", "rows/s"],
          rows: [
            ...runs.map(({ rows, figures }) => toRow(`${rows.toLocaleString("en-US")} rows`, rows, figures)),
            toRow(`${title}, ${SMALL_HEAP}`, most, small),
          ],
        },
      ],
      goals: [
        {
          what: `resident memory, slope over ${title} after warm-up`,
          value: slopeOf(largest?.samples ?? [], most, WARM_UP_ROWS) ?? Number.NaN,
          atMost: 1,
          unit: "bytes a row",
        },
        {
          what: `resident memory, peak of ${title}`,
          value: largest?.peakRssMb ?? Number.NaN,
          atMost: 200,
          unit: "MB",
        },
        {
          what: `${title} under ${SMALL_HEAP}, finished`,
          value: small === undefined ? 0 : most,
          atLeast: most,
          unit: "rows",
        },
      ],
      notes: [
        `The slope is that of a straight line through samples of the resident memory after the first ${WARM_UP_ROWS.toLocaleString("en-US")} rows. V8 collects when it wants to: some bytes up or down are its garbage.`,
        `Server: ${server.name}`,
      ],
    };
  } finally {
    await server.stop();
  }
}

async function measure(
  folder: string,
  baseUrl: string,
  rows: number,
  flags: readonly string[] = [],
): Promise<SliceFigures> {
  const input = await writeInput(join(folder, `memory-${rows}.jsonl`), rows);
  const output = join(folder, "memory.out.jsonl");
  const process = await startJob("pipeline", flags);
  try {
    return await process.run({ input, output, baseUrl, concurrency: CONCURRENCY, sampleEveryMs: 50 });
  } finally {
    await process.stop();
    await rm(output, { force: true });
    await rm(input);
  }
}
