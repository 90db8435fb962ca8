import { join } from "node:path";
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

/** A measured slice. */
export interface Slice extends SliceFigures {
  readonly rows: number;
}

/** Slices by round and job. */
export type Rounds = readonly ReadonlyMap<JobName, Slice>[];

/** All jobs must write the same rows of this many. */
const CHECKED_ROWS = 1000;

/**
 * Gives persistent, warmed processes slices of work in shuffled round-robin: what the machine does besides hits all
 * alike, and a ratio within a round means something where its two figures alone do not.
 *
 * @throws Error when the jobs do not write the same rows
 */
export async function measureThroughput(plan: ThroughputPlan): Promise<Rounds> {
  const processes = new Map<JobName, JobProcess>();
  try {
    for (const name of plan.jobs)
      processes.set(name, await (JOBS[name].start?.() ?? startJob(JOB_PROCESS, name)));
    await requireSameRows(plan, processes);
    const rounds: Map<JobName, Slice>[] = [];
    for (let round = -plan.warmUps; round < plan.rounds; round++) {
      const slices = new Map<JobName, Slice>();
      for (const [name, process] of shuffled([...processes])) {
        slices.set(name, await runSlice(plan, name, process, JOBS[name].sliceRows));
      }
      if (round >= 0) rounds.push(slices);
    }
    return rounds;
  } finally {
    await Promise.all([...processes.values()].map((process) => process.stop()));
  }
}

async function runSlice(
  { folder, baseUrl, concurrency }: ThroughputPlan,
  name: JobName,
  process: JobProcess,
  rows: number,
): Promise<Slice> {
  const input = await inputOf(folder, rows);
  const figures = await process.run({ input, output: outputOf(folder, name), baseUrl, concurrency });
  return { ...figures, rows };
}

const inputs = new Map<string, Promise<string>>();

function inputOf(folder: string, rows: number): Promise<string> {
  const path = join(folder, `${rows}.jsonl`);
  const input = inputs.get(path) ?? writeInput(path, rows);
  inputs.set(path, input);
  return input;
}

function outputOf(folder: string, name: JobName): string {
  return join(folder, `${name}.out.jsonl`);
}

async function requireSameRows(
  plan: ThroughputPlan,
  processes: ReadonlyMap<JobName, JobProcess>,
): Promise<void> {
  const hashes = new Map<string, JobName>();
  for (const [name, process] of processes) {
    await runSlice(plan, name, process, CHECKED_ROWS);
    hashes.set(await hashRows(outputOf(plan.folder, name)), name);
  }
  if (hashes.size > 1) {
    throw new Error(`The jobs do not write the same rows: ${[...hashes.values()].join(", ")} differ`);
  }
}
