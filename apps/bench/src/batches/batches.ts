import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { BenchContext } from "../bench-context.ts";
import { startJob, type SliceFigures } from "../jobs/start-job.ts";
import { slopeOf } from "../memory/slope-of.ts";
import type { Cell, Report } from "../report.ts";
import { forkServer } from "../servers/fork-server.ts";
import { writeInput } from "../write-input.ts";
import type { BatchStats } from "./batch-server-process.ts";

const RUN_PROCESS = join(import.meta.dirname, "batch-run-process.ts");
const SERVER_PROCESS = join(import.meta.dirname, "batch-server-process.ts");
const WARM_UP_ROWS = 100_000;

/** A run through batches of 20,000 requests, and the same run once more with everything in the journal. */
export async function batches({ folder, options }: BenchContext): Promise<Report> {
  const rows = options.isQuick ? 200_000 : 1_000_000;
  const input = await writeInput(join(folder, "batches.jsonl"), rows);
  const journal = join(folder, "batches.db");
  const server = await forkServer<BatchStats>(
    SERVER_PROCESS,
    // The first row is asked directly.
    { folder, requests: rows - 1 },
    "a server of our own with a fixed answer",
  );
  const run = async (): Promise<SliceFigures> => {
    const process = await startJob(RUN_PROCESS, "batches");
    try {
      return await process.run({
        input,
        output: "",
        baseUrl: server.baseUrl,
        journal,
        rows,
        sampleEveryMs: 50,
      });
    } finally {
      await process.stop();
    }
  };
  try {
    const first = await run();
    const afterFirst = await server.stats();
    const second = await run();
    const afterSecond = await server.stats();
    const perSecond = (afterFirst.lines / afterFirst.harvestMs) * 1000;
    const slope = slopeOf(first.samples ?? [], rows, WARM_UP_ROWS);
    return {
      tables: [
        {
          title: `${rows.toLocaleString("en-US")} rows through ${afterFirst.jobs} jobs that end at once`,
          head: ["", "rows/s", "CPU µs a row", "peak MB", "slope, bytes a row"],
          rows: [rowOf("asked", rows, first), rowOf("found in the journal", rows, second)],
        },
      ],
      goals: [
        { what: "results read into the journal", value: perSecond, atLeast: 25_000, unit: "lines/s" },
        {
          what: "requests of the second run",
          value: afterSecond.requests - afterFirst.requests,
          atMost: 0,
          unit: "requests",
        },
        ...(slope === undefined
          ? []
          : [
              {
                what: "slope over the first run after warm-up",
                value: slope,
                atMost: 1,
                unit: "bytes a row",
              },
            ]),
      ],
      notes: [
        "The rows pass twice: the first time they are kept on the disk and become lines of jobs, the second time they are found. The slope is over both.",
        `Server: ${server.name}`,
      ],
    };
  } finally {
    await server.stop();
    await Promise.all([journal, `${journal}-lock`, input].map((file) => rm(file, { force: true })));
  }
}

function rowOf(title: string, rows: number, figures: SliceFigures): readonly Cell[] {
  const { ms, cpuMs, peakRssMb, samples = [] } = figures;
  return [
    title,
    Math.round((rows / ms) * 1000),
    (cpuMs * 1000) / rows,
    Math.round(peakRssMb),
    slopeOf(samples, rows, WARM_UP_ROWS),
  ];
}
