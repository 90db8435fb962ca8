import type { BenchContext } from "../bench-context.ts";
import type { BenchOptions } from "../bench-options.ts";
import type { Goal } from "../goal.ts";
import { installAncestor } from "../jobs/install-ancestor.ts";
import { isJobName, JOBS, type JobName } from "../jobs/jobs.ts";
import { startFixedServer } from "../servers/start-fixed-server.ts";
import { measureThroughput, type Rounds } from "./measure-throughput.ts";
import {
  ratioOf,
  rowsPerCpuSecond,
  rowsPerSecond,
  summarizeJob,
  type JobSummary,
  type Ratio,
} from "./summarize-throughput.ts";

/** The figures at one number of requests in flight. */
interface ThroughputTable {
  readonly concurrency: number;
  readonly rounds: number;
  readonly jobs: readonly (JobSummary & {
    readonly name: JobName;
    /** Against the bare loop. */
    readonly speed: Ratio | undefined;
    /** Against the bare loop: rows per CPU-second. */
    readonly economy: Ratio | undefined;
  })[];
  readonly goals: readonly Goal[];
}

export interface ThroughputResults {
  readonly server: string;
  readonly tables: readonly ThroughputTable[];
  /** What could not be measured, and why. */
  readonly skipped: readonly string[];
}

/** JSON Lines to JSON Lines: the pipeline beside bare loops and what else one would use. */
export async function throughput({ folder, options }: BenchContext): Promise<ThroughputResults> {
  const { names, skipped } = await available(chooseJobs(options));
  const server = await startFixedServer(folder);
  try {
    const tables: ThroughputTable[] = [];
    for (const concurrency of options.isQuick ? [64] : [64, 256]) {
      const rounds = await measureThroughput({
        jobs: names,
        concurrency,
        rounds: options.isQuick ? 9 : 15,
        warmUps: 2,
        baseUrl: server.baseUrl,
        folder,
      });
      tables.push(toTable(rounds, names, concurrency));
    }
    return { server: server.name, tables, skipped };
  } finally {
    await server.stop();
  }
}

const QUICK_JOBS: readonly JobName[] = ["request", "dispatch", "composed", "pipeline"];

function chooseJobs({ jobs, isQuick }: BenchOptions): readonly JobName[] {
  const all = Object.keys(JOBS).filter((name) => isJobName(name));
  if (jobs === undefined) return isQuick ? QUICK_JOBS : all;
  return jobs.map((name) => {
    if (isJobName(name)) return name;
    throw new Error(`There is no job "${name}": expected some of ${all.join(", ")}`);
  });
}

/** The ancestor needs a Python and a registry to install it from. */
async function available(
  names: readonly JobName[],
): Promise<{ readonly names: readonly JobName[]; readonly skipped: readonly string[] }> {
  if (!names.includes("ancestor")) return { names, skipped: [] };
  try {
    await installAncestor();
    return { names, skipped: [] };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    return {
      names: names.filter((name) => name !== "ancestor"),
      skipped: [`the Python ancestor, which cannot be installed here: ${reason}`],
    };
  }
}

function toTable(rounds: Rounds, names: readonly JobName[], concurrency: number): ThroughputTable {
  return {
    concurrency,
    rounds: rounds.length,
    jobs: names.map((name) => ({
      name,
      ...summarizeJob(rounds, name),
      speed: ratioOf(rounds, name, "request", rowsPerSecond),
      economy: ratioOf(rounds, name, "request", rowsPerCpuSecond),
    })),
    goals: goalsOf(rounds),
  };
}

interface RatioGoal {
  readonly job: JobName;
  readonly reference: JobName;
  readonly atLeast: number;
  readonly of: "rows/s" | "rows per CPU-second";
}

const GOALS: readonly RatioGoal[] = [
  { job: "composed", reference: "request", atLeast: 1, of: "rows/s" },
  { job: "pipeline", reference: "request", atLeast: 1.3, of: "rows/s" },
  { job: "pipeline", reference: "dispatch", atLeast: 0.8, of: "rows/s" },
  { job: "pipeline", reference: "fetch", atLeast: 5, of: "rows per CPU-second" },
  { job: "pipeline", reference: "ancestor", atLeast: 6, of: "rows per CPU-second" },
  { job: "pipeline", reference: "openai", atLeast: 8, of: "rows per CPU-second" },
  { job: "pipeline", reference: "ai", atLeast: 9, of: "rows per CPU-second" },
  { job: "pipeline", reference: "langchain", atLeast: 10, of: "rows per CPU-second" },
];

function goalsOf(rounds: Rounds): Goal[] {
  return GOALS.flatMap(({ job, reference, atLeast, of }) => {
    const ratio = ratioOf(rounds, job, reference, of === "rows/s" ? rowsPerSecond : rowsPerCpuSecond);
    if (ratio === undefined) return [];
    return [{ what: `${job} against ${reference}, ${of}`, value: ratio.median, atLeast, unit: "×" }];
  });
}
