import { join } from "node:path";
import { copyRows } from "../copies/copy-rows.ts";
import { hashRows } from "../hash-rows.ts";
import { JOBS, type JobName } from "../jobs/jobs.ts";
import { JOB_PROCESS, startJob, type JobProcess, type SliceFigures } from "../jobs/start-job.ts";
import { shuffled } from "../shuffled.ts";
import { writeInput } from "../write-input.ts";

/** What one throughput run does. */
export interface ThroughputPlan {
  readonly jobs: readonly JobName[];
  readonly concurrency: number;
  readonly rounds: number;
  readonly warmUps: number;
  readonly baseUrl: string;
  readonly folder: string;
}

/** What a job's processes took in a round, together. */
export interface Slice extends Pick<SliceFigures, "ms" | "cpuMs" | "peakRssMb"> {
  readonly rows: number;
}

/** Slices by round and job. */
export type Rounds = readonly ReadonlyMap<JobName, Slice>[];

/** Rows of one slice of one process: fewer would weigh what comes before the first row, and after the last. */
const SLICE_ROWS = 10_000;

/** Of a job, as two that are equal differ: by how V8 has compiled them, and where their memory lies. */
const PROCESSES = 2;

/**
 * For Node.js: a process that waits for its turn keeps the memory it works with. V8 would make its young generation small
 * after some seconds, and twice as much processor time a row would go into making it large again.
 */
const FLAGS = ["--no-memory-reducer"];

/** All jobs must write the same rows of this many. */
const CHECKED_ROWS = 1000;

/**
 * Gives persistent, warmed processes slices of work in shuffled round-robin: what the machine does besides hits all
 * alike, and a ratio within a round means something where its two figures alone do not.
 *
 * @throws Error when the jobs do not write the same rows
 */
export async function measureThroughput(plan: ThroughputPlan): Promise<Rounds> {
  const started: StartedJob[] = [];
  try {
    for (const name of plan.jobs)
      for (let count = 0; count < PROCESSES; count++)
        started.push({ name, process: await (JOBS[name].start?.() ?? startJob(JOB_PROCESS, name, FLAGS)) });
    await requireSameRows(plan, started);
    const rounds: Map<JobName, Slice>[] = [];
    for (let round = -plan.warmUps; round < plan.rounds; round++) {
      const slices = new Map<JobName, Slice>();
      for (const job of shuffled(started)) {
        const figures = await runSlice(plan, job, SLICE_ROWS);
        const before = slices.get(job.name) ?? { rows: 0, ms: 0, cpuMs: 0, peakRssMb: 0 };
        slices.set(job.name, {
          rows: before.rows + SLICE_ROWS,
          ms: before.ms + figures.ms,
          cpuMs: before.cpuMs + figures.cpuMs,
          peakRssMb: Math.max(before.peakRssMb, figures.peakRssMb),
        });
      }
      if (round >= 0) rounds.push(slices);
    }
    return rounds;
  } finally {
    await Promise.all(started.map(({ process }) => process.stop()));
  }
}

/** One of a job's processes. */
interface StartedJob {
  readonly name: JobName;
  readonly process: JobProcess;
}

async function runSlice(
  { folder, baseUrl, concurrency }: ThroughputPlan,
  { name, process }: StartedJob,
  rows: number,
): Promise<SliceFigures> {
  const input = await inputOf(folder, rows, name);
  return await process.run({ input, output: outputOf(folder, name), baseUrl, concurrency });
}

const inputs = new Map<string, Promise<string>>();

async function inputOf(folder: string, rows: number, name: JobName): Promise<string> {
  const { format = "jsonl" } = JOBS[name];
  const path = join(folder, `${rows}.${format}`);
  const input = inputs.get(path) ?? writeIn(path, rows, folder);
  inputs.set(path, input);
  return await input;
}

async function writeIn(path: string, rows: number, folder: string): Promise<string> {
  if (path.endsWith(".jsonl")) return await writeInput(path, rows);
  await copyRows(await inputOf(folder, rows, "pipeline"), path);
  return path;
}

function outputOf(folder: string, name: JobName): string {
  return join(folder, `${name}.out.${JOBS[name].format ?? "jsonl"}`);
}

async function requireSameRows(plan: ThroughputPlan, started: readonly StartedJob[]): Promise<void> {
  const hashes = new Map<string, JobName>();
  for (const job of started) {
    await runSlice(plan, job, CHECKED_ROWS);
    const output = outputOf(plan.folder, job.name);
    const lines = JOBS[job.name].format === undefined ? output : join(plan.folder, "checked.jsonl");
    if (lines !== output) await copyRows(output, lines);
    hashes.set(await hashRows(lines), job.name);
  }
  if (hashes.size > 1) {
    throw new Error(`The jobs do not write the same rows: ${[...hashes.values()].join(", ")} differ`);
  }
}
