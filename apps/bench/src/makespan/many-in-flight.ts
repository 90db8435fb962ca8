import { join } from "node:path";
import type { BenchContext } from "../bench-context.ts";
import type { JobName } from "../jobs/jobs.ts";
import type { JobTask } from "../jobs/job.ts";
import { JOB_PROCESS, startJob } from "../jobs/start-job.ts";
import type { Cell, Report } from "../report.ts";
import { forkServer } from "../servers/fork-server.ts";
import { LATENCY_SERVER } from "../servers/latency-server.ts";
import type { LatencyOptions, LatencyStats } from "../servers/latency-options.ts";
import { writeInput } from "../write-input.ts";
import { openFilesLimit } from "./open-files-limit.ts";

const ROWS = 20_000;
const IN_FLIGHT = 5000;
const IDEAL_SECONDS = ROWS / IN_FLIGHT;
const HELD = 10_000;
const LATENCY = { kind: "fixed", ms: 1000 } as const;
/** The rate at which that many are in flight, to be told in headers: a minute of it. */
const TOLD_LIMIT = IN_FLIGHT * 60;

interface Run {
  readonly title: string;
  readonly job: JobName;
  readonly rows: number;
  readonly server: LatencyOptions;
  readonly options: Pick<JobTask, "concurrency" | "requestsPerMinute">;
}

const RUNS: readonly Run[] = [
  {
    title: "pipeline, default options, limit told in headers",
    job: "pipeline",
    rows: ROWS,
    server: { latency: LATENCY, toldLimit: TOLD_LIMIT },
    options: {},
  },
  {
    title: "pipeline, default options, no headers",
    job: "pipeline",
    rows: ROWS,
    server: { latency: LATENCY },
    options: {},
  },
  {
    title: `pipeline, concurrency ${IN_FLIGHT}, no headers`,
    job: "pipeline",
    rows: ROWS,
    server: { latency: LATENCY },
    options: { concurrency: IN_FLIGHT },
  },
  {
    title: `bare loop on dispatch, ${IN_FLIGHT} in flight`,
    job: "dispatch",
    rows: ROWS,
    server: { latency: LATENCY },
    options: { concurrency: IN_FLIGHT },
  },
];

const HOLD: Run = {
  title: `pipeline, ${HELD.toLocaleString("en-US")} held until all are there`,
  job: "pipeline",
  // One more: the first goes alone.
  rows: HELD + 1,
  server: { latency: { kind: "hold", requests: HELD, atMostMs: 60_000 } },
  options: { concurrency: HELD, requestsPerMinute: 1_000_000_000 },
};

/** Whether the goal is for this run. */
function isDefault({ options }: Run): boolean {
  return options.concurrency === undefined;
}

interface Outcome {
  readonly seconds: number;
  readonly peakRssMb: number;
  readonly stats: LatencyStats;
}

/** Thousands in flight at one second of latency, and ten thousand at once. */
export async function manyInFlight({ folder, options }: BenchContext): Promise<Report> {
  const rows: Cell[][] = [];
  const goals: { what: string; value: number; atMost: number; unit: string }[] = [];
  const runs = options.isQuick ? RUNS.filter(isDefault) : RUNS;
  for (const run of runs) {
    const { seconds, peakRssMb, stats } = await measure(run, folder);
    const ratio = seconds / IDEAL_SECONDS;
    rows.push([run.title, stats.peakInFlight, seconds, ratio, Math.round(peakRssMb)]);
    if (isDefault(run)) {
      const what = `${run.title}, ${ROWS} rows at 1 s latency, time against ${IDEAL_SECONDS} s`;
      goals.push({ what, value: ratio, atMost: 1.5, unit: "×" });
    }
  }
  const held = await hold(folder);
  return {
    tables: [
      {
        title: `${ROWS.toLocaleString("en-US")} rows, 1 s latency; ideal with ${IN_FLIGHT} in flight: ${IDEAL_SECONDS} s`,
        head: ["", "most in flight", "seconds", "× ideal", "peak MB"],
        rows: held.outcome === undefined ? rows : [...rows, toHeldRow(held.outcome)],
      },
    ],
    goals: [
      ...goals,
      { what: "requests held in flight, all answered", value: held.reached, atLeast: HELD, unit: "requests" },
    ],
    notes: held.notes,
  };
}

function toHeldRow({ seconds, peakRssMb, stats }: Outcome): Cell[] {
  return [HOLD.title, stats.peakInFlight, seconds, undefined, Math.round(peakRssMb)];
}

interface Held {
  readonly reached: number;
  readonly outcome?: Outcome;
  readonly notes: readonly string[];
}

async function hold(folder: string): Promise<Held> {
  const files = openFilesLimit();
  if (files < HELD + 100) {
    const note = `Skipped: ${HELD} in flight, as a process may open only ${files} files here (ulimit -n)`;
    return { reached: Number.NaN, notes: [note] };
  }
  const outcome = await measure(HOLD, folder);
  const { served, peakInFlight } = outcome.stats;
  return { reached: served === HOLD.rows ? peakInFlight : Number.NaN, outcome, notes: [] };
}

async function measure(run: Run, folder: string): Promise<Outcome> {
  const input = await writeInput(join(folder, `many-${run.rows}.jsonl`), run.rows);
  const server = await forkServer<LatencyStats>(LATENCY_SERVER, run.server, "latency");
  const process = await startJob(JOB_PROCESS, run.job);
  try {
    const output = join(folder, "many.out.jsonl");
    const { ms, peakRssMb } = await process.run({ input, output, baseUrl: server.baseUrl, ...run.options });
    return { seconds: ms / 1000, peakRssMb, stats: await server.stats() };
  } finally {
    await process.stop();
    await server.stop();
  }
}
