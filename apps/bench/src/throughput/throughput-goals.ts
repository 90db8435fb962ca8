import type { JobName } from "../jobs/jobs.ts";
import type { Goal } from "../report.ts";
import type { Rounds } from "./measure-throughput.ts";
import { ratioOf, rowsPerCpuSecond, rowsPerSecond } from "./ratio-of.ts";

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

/** The goals whose two jobs both ran. */
export function throughputGoals(rounds: Rounds, concurrency: number): readonly Goal[] {
  return GOALS.flatMap(({ job, reference, atLeast, of }) => {
    const ratio = ratioOf(rounds, job, reference, of === "rows/s" ? rowsPerSecond : rowsPerCpuSecond);
    if (ratio === undefined) return [];
    const what = `${job} against ${reference}, ${of}, ${concurrency} in flight`;
    return [{ what, value: ratio.median, atLeast, unit: "×" }];
  });
}
