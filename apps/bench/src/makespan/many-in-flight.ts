import { join } from "node:path";
import type { BenchContext } from "../bench-context.ts";
import type { JobName } from "../jobs/jobs.ts";
import type { JobTask } from "../jobs/job.ts";
import { JOB_PROCESS, startJob } from "../jobs/start-job.ts";
import type { Cell, Goal, Report } from "../report.ts";
import { forkServer } from "../servers/fork-server.ts";
import { LATENCY_SERVER } from "../servers/latency-server.ts";
import type { LatencyOptions, LatencyStats } from "../servers/latency-options.ts";
import { writeInput } from "../write-input.ts";
import { openFilesLimit } from "./open-files-limit.ts";

const LATENCY = { kind: "fixed", ms: 1000 } as const;
const HELD = 10_000;
/** As many as a single GPU answers at once. */
const SLOTS = 16;
/** Requests that such a server may have waiting, for each that it answers: it is then busy, and not flooded. */
const WAITING_A_SLOT = 3;

interface Run {
  readonly title: string;
  readonly job: JobName;
  readonly rows: number;
  readonly server: LatencyOptions;
  readonly options: Pick<JobTask, "concurrency" | "requestsPerMinute">;
  /** What the rows would take at the least, in seconds. */
  readonly ideal: number;
  /** How many times as long it may take. @default no goal */
  readonly goal?: number;
}

function told(
  title: string,
  job: JobName,
  [rows, concurrency]: readonly [number, number],
  goal?: number,
): Run {
  return {
    title: `${title}, ${concurrency.toLocaleString("en-US")} told`,
    job,
    rows,
    server: { latency: LATENCY },
    options: { concurrency },
    ideal: rows / concurrency,
    ...(goal === undefined ? {} : { goal }),
  };
}

const THOUSAND = [5000, 1000] as const;
const THOUSANDS = [20_000, 5000] as const;
const IN_HEADERS = 5000;

const SDK = told("openai SDK and p-map", "openai", THOUSAND);
const OWN = told("pipeline", "pipeline", THOUSAND, 1.3);

const RUNS: readonly Run[] = [
  OWN,
  SDK,
  told("AI SDK and p-limit", "ai", THOUSAND),
  told("bare loop on dispatch", "dispatch", THOUSAND),
  told("pipeline", "pipeline", THOUSANDS, 1.5),
  told("bare loop on dispatch", "dispatch", THOUSANDS),
  {
    title: "pipeline, nothing told",
    job: "pipeline",
    rows: 20_000,
    server: { latency: LATENCY },
    options: {},
    ideal: 20_000 / IN_HEADERS,
    goal: 2.5,
  },
  {
    title: "pipeline, limit told in headers",
    job: "pipeline",
    rows: 20_000,
    // A minute of the rate at which that many are in flight.
    server: { latency: LATENCY, toldLimit: IN_HEADERS * 60 },
    options: {},
    ideal: 20_000 / IN_HEADERS,
    goal: 2.5,
  },
];

const FEW_SLOTS: Run = {
  title: `pipeline, nothing told, a server that answers ${SLOTS} at once`,
  job: "pipeline",
  rows: 640,
  server: { latency: { kind: "slots", slots: SLOTS, ms: 500 } },
  options: {},
  ideal: (640 / SLOTS) * 0.5,
};

const HOLD: Run = {
  title: `pipeline, ${HELD.toLocaleString("en-US")} held until all are there`,
  job: "pipeline",
  // One more: the first goes alone.
  rows: HELD + 1,
  server: { latency: { kind: "hold", requests: HELD, atMostMs: 60_000 } },
  options: { concurrency: HELD, requestsPerMinute: 1_000_000_000 },
  ideal: Number.NaN,
};

interface Outcome {
  readonly seconds: number;
  readonly peakRssMb: number;
  readonly stats: LatencyStats;
}

/** Thousands in flight at one second of latency, ten thousand at once, and a server that can do little at once. */
export async function manyInFlight({ folder, options }: BenchContext): Promise<Report> {
  const measured = new Map<Run, Outcome>();
  const runs = options.isQuick ? [OWN, FEW_SLOTS] : [...RUNS, FEW_SLOTS];
  for (const run of runs) measured.set(run, await measure(run, folder));
  const held = await hold(folder);
  if (held.outcome !== undefined) measured.set(HOLD, held.outcome);
  return {
    tables: [
      {
        title: "Many in flight, 1 s latency; the server of few slots takes half a second for each",
        head: ["", "rows", "most in flight", "seconds", "× ideal", "peak MB"],
        rows: [...measured].map(([run, outcome]) => rowOf(run, outcome)),
      },
    ],
    goals: [
      ...[...measured].flatMap(([run, { seconds }]) => timeGoal(run, seconds)),
      ...sdkGoal(measured),
      {
        what: `requests at a server that answers ${SLOTS} at once`,
        value: measured.get(FEW_SLOTS)?.stats.peakInFlight ?? Number.NaN,
        atMost: SLOTS * (1 + WAITING_A_SLOT),
        unit: "requests",
      },
      { what: "requests held in flight, all answered", value: held.reached, atLeast: HELD, unit: "requests" },
    ],
    notes: held.notes,
  };
}

function rowOf({ title, rows, ideal }: Run, { seconds, peakRssMb, stats }: Outcome): Cell[] {
  return [title, rows, stats.peakInFlight, seconds, seconds / ideal, Math.round(peakRssMb)];
}

function timeGoal({ title, rows, ideal, goal }: Run, seconds: number): Goal[] {
  if (goal === undefined) return [];
  const what = `${title}, ${rows.toLocaleString("en-US")} rows at 1 s latency, time against ${ideal} s`;
  return [{ what, value: seconds / ideal, atMost: goal, unit: "×" }];
}

function sdkGoal(measured: ReadonlyMap<Run, Outcome>): Goal[] {
  const [own, sdk] = [measured.get(OWN), measured.get(SDK)];
  if (own === undefined || sdk === undefined) return [];
  return [
    {
      what: `${OWN.title}, time against the ${SDK.title}`,
      value: own.seconds / sdk.seconds,
      atMost: 1,
      unit: "×",
    },
  ];
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
