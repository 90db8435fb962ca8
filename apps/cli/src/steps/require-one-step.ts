import { ParrotError } from "@parallel-parrot/core";
import type { Job } from "../job/job.ts";

/** @throws ParrotError `INVALID_OPTION` for a job of several steps. @param what what cannot be done with it */
export function requireOneStep({ later }: Job, what: string): void {
  if (later === undefined) return;
  throw new ParrotError(
    "INVALID_OPTION",
    `Cannot ${what} a job with steps: what a later step asks depends on the answers of those before; run a few rows with --limit 10 -o few.csv, whose last lines tell what each step took`,
    { option: "JOB" },
  );
}
