import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { BenchContext } from "../bench-context.ts";
import { startJob, type SliceFigures } from "../jobs/start-job.ts";
import type { Cell, Report, Table } from "../report.ts";
import { writeInput } from "../write-input.ts";
import { measureAppend, type AppendFigures } from "./measure-append.ts";

const BODY_LENGTH = 1900;
const RATE = 10_000;
const RUN_PROCESS = join(import.meta.dirname, "journaled-run-process.ts");

/** What keeping answers costs, and finding all of them again. */
export async function journal({ folder, options }: BenchContext): Promise<Report> {
  const path = join(folder, "append.db");
  const records = RATE * (options.isQuick ? 3 : 10);
  const append = { path, records, bodyLength: BODY_LENGTH };
  const steady = await measureAppend({ ...append, rate: RATE, waiting: 0 });
  const fastest = [];
  for (const waiting of [1, 64, 1000])
    fastest.push({
      title: `as fast as it goes, ${waiting} waiting`,
      figures: await measureAppend({ ...append, records: waiting === 1 ? RATE : records, waiting }),
    });
  const rows = options.isQuick ? 200_000 : 1_000_000;
  return {
    tables: [
      appendTable([{ title: `${RATE.toLocaleString("en-US")} a second`, figures: steady }, ...fastest]),
      await runTable(folder, rows),
    ],
    goals: [
      {
        what: `delay of the event loop at ${RATE.toLocaleString("en-US")} records a second, p99`,
        value: steady.delayP99,
        atMost: 10,
        unit: "ms",
      },
    ],
    notes: ["What a commit waits for is the disk: these figures are as much its own as the journal's."],
  };
}

function appendTable(runs: readonly { readonly title: string; readonly figures: AppendFigures }[]): Table {
  return {
    title: "Records kept, 1.9 kB each; delays of the event loop and waits for the disk in ms",
    head: ["", "records/s", "CPU µs a record", "delay p50", "p99", "most", "wait p50", "p99"],
    rows: runs.map(({ title, figures }) => [
      title,
      Math.round(figures.perSecond),
      figures.cpuUs,
      figures.delayP50,
      figures.delayP99,
      figures.delayMax,
      figures.waitP50,
      figures.waitP99,
    ]),
  };
}

async function runTable(folder: string, rows: number): Promise<Table> {
  const input = await writeInput(join(folder, "journal.jsonl"), rows);
  const path = join(folder, "run.db");
  const measure = async (kind: string, journal?: string): Promise<SliceFigures> => {
    const process = await startJob(RUN_PROCESS, kind);
    const task = { input, output: "", baseUrl: "" };
    try {
      return await process.run(journal === undefined ? task : { ...task, journal });
    } finally {
      await process.stop();
    }
  };
  const rowOf = (title: string, { ms, cpuMs, peakRssMb }: SliceFigures): readonly Cell[] => [
    title,
    Math.round((rows / ms) * 1000),
    (cpuMs * 1000) / rows,
    Math.round(peakRssMb),
  ];
  try {
    return {
      title: `\`jsonlSource\`, \`promptStream\`, \`completionStream\` over ${rows.toLocaleString("en-US")} rows, answered at once`,
      head: ["", "rows/s", "CPU µs a row", "peak MB"],
      rows: [
        rowOf("no journal", await measure("without")),
        rowOf("an empty journal: every answer is kept", await measure("fill", path)),
        rowOf("the same journal, whole: every answer is found", await measure("replay", path)),
      ],
    };
  } finally {
    // A million rows make files of gigabytes.
    await Promise.all([path, `${path}-lock`, input].map((file) => rm(file, { force: true })));
  }
}
