import type { Flags } from "../flag.ts";
import { JOB_ROWS } from "../job-flags.ts";
import { SHOW_FLAGS } from "./journal-flags.ts";

/** Options of `parrot run`: every option of a job. One that is not given is as the job file says. */
export const RUN_FLAGS: Flags = Object.fromEntries(
  JOB_ROWS.map(([name, row]) => {
    const { without: _, ...others } = row;
    return [name, { ...others, default: undefined }];
  }),
);

/** Options of `parrot job show`. */
export const SHOW_JOB_FLAGS = { journal: SHOW_FLAGS.journal };
