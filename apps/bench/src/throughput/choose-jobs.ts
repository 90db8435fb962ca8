import type { BenchOptions } from "../bench-options.ts";
import { installAncestor } from "../jobs/install-ancestor.ts";
import { isJobName, JOBS, type JobName } from "../jobs/jobs.ts";

/** The jobs to run, and what cannot run here. */
export interface ChosenJobs {
  readonly names: readonly JobName[];
  readonly skipped: readonly string[];
}

const QUICK_JOBS: readonly JobName[] = ["request", "dispatch", "composed", "pipeline"];

/** The jobs that the command line asks for, less those for which something is missing on this machine. */
export async function chooseJobs({ jobs, isQuick }: BenchOptions): Promise<ChosenJobs> {
  const names = jobs?.map(toJobName) ?? (isQuick ? QUICK_JOBS : allJobs());
  if (!names.includes("ancestor")) return { names, skipped: [] };
  try {
    // It needs a Python, and a registry to come from.
    await installAncestor();
    return { names, skipped: [] };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    return {
      names: names.filter((name) => name !== "ancestor"),
      skipped: [`the Python package, which cannot be installed here: ${reason}`],
    };
  }
}

function allJobs(): readonly JobName[] {
  return Object.keys(JOBS).filter((name) => isJobName(name));
}

function toJobName(name: string): JobName {
  if (isJobName(name)) return name;
  throw new Error(`There is no job "${name}": expected some of ${allJobs().join(", ")}`);
}
