import { longOf, type JobFlag } from "../flags/flag.ts";
import { JOB_ROWS } from "../flags/job-flags.ts";

/** An option as a job file names it. */
export interface JobKey {
  /** The name of its value in the options of a job. */
  readonly name: string;
  readonly row: JobFlag<unknown>;
}

/** Every option of a job by its key in a job file, which is the long flag without its dashes: `max-tokens`. */
export const JOB_KEYS: ReadonlyMap<string, JobKey> = new Map(
  JOB_ROWS.map(([name, row]) => [keyOf(row), { name, row }]),
);

/** The key of an option. What a flag turns off is on in a job file until it says `false`: `quotes: false`. */
export function keyOf(row: JobFlag<unknown>): string {
  return longOf(row).replace(/^--(?:no-)?/, "");
}
