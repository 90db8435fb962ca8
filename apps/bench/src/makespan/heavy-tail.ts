import { join } from "node:path";
import type { BenchContext } from "../bench-context.ts";
import type { JobName } from "../jobs/jobs.ts";
import type { JobTask } from "../jobs/job.ts";
import { JOB_PROCESS, startJob } from "../jobs/start-job.ts";
import { median } from "../quantile.ts";
import type { Report } from "../report.ts";
import { forkServer } from "../servers/fork-server.ts";
import { LATENCY_SERVER } from "../servers/latency-server.ts";
import type { LatencyOptions } from "../servers/latency-options.ts";
import { lognormalOf } from "../servers/lognormal-of.ts";
import { shuffled } from "../shuffled.ts";
import { writeInput } from "../write-input.ts";

const ROWS = 5000;
const CONCURRENCY = 100;
const LATENCY = { kind: "lognormal", medianMs: 50, p99OverMedian: 20 } as const;

interface Way {
  readonly title: string;
  readonly job: JobName;
  readonly options: Pick<JobTask, "order">;
}

const BARE: Way = { title: "bare unordered sliding window", job: "request", options: {} };
const WAYS: readonly Way[] = [
  BARE,
  { title: "pipeline, in order of completion", job: "pipeline", options: { order: "completion" } },
  { title: "pipeline, in input order", job: "pipeline", options: { order: "input" } },
];

/** Time to finish under latency with a heavy tail; each row has the same latency in every run. */
export async function heavyTail({ folder, options }: BenchContext): Promise<Report> {
  const input = await writeInput(join(folder, "tail.jsonl"), ROWS);
  const rounds: Map<Way, number>[] = [];
  for (let round = 0; round < (options.isQuick ? 1 : 3); round++) {
    const times = new Map<Way, number>();
    for (const way of shuffled(WAYS)) times.set(way, await timeOf(way, input, folder));
    rounds.push(times);
  }
  const ratioOf = (way: Way): number =>
    median(rounds.map((times) => (times.get(way) ?? Number.NaN) / (times.get(BARE) ?? Number.NaN)));
  return {
    tables: [
      {
        title: `${ROWS} rows, lognormal latency, median ${LATENCY.medianMs} ms, p99 ${LATENCY.p99OverMedian} times that, ${CONCURRENCY} in flight, medians of ${rounds.length}`,
        head: ["", "seconds", "× bare window", "× bound"],
        rows: WAYS.map((way) => {
          const seconds = median(rounds.map((times) => times.get(way) ?? Number.NaN)) / 1000;
          return [way.title, seconds, ratioOf(way), seconds / boundSeconds()];
        }),
      },
    ],
    goals: WAYS.filter((way) => way !== BARE).map((way) => ({
      what: `${way.title}, heavy tail, time against the bare window`,
      value: ratioOf(way),
      atMost: 1.03,
      unit: "×",
    })),
    notes: [
      "The bound is all latencies divided by the number in flight: no schedule is faster. What the bare window takes beyond it are the last slow rows.",
    ],
  };
}

async function timeOf({ job, options }: Way, input: string, folder: string): Promise<number> {
  const server = await forkServer(LATENCY_SERVER, { latency: LATENCY } satisfies LatencyOptions, "latency");
  const process = await startJob(JOB_PROCESS, job);
  try {
    const output = join(folder, "tail.out.jsonl");
    const { ms } = await process.run({
      input,
      output,
      baseUrl: server.baseUrl,
      concurrency: CONCURRENCY,
      ...options,
    });
    return ms;
  } finally {
    await process.stop();
    await server.stop();
  }
}

function boundSeconds(): number {
  let sum = 0;
  for (let row = 0; row < ROWS; row++) sum += lognormalOf(row, LATENCY);
  return sum / CONCURRENCY / 1000;
}
