import { ParrotError, type Output } from "@parallel-parrot/core";
import type { EarlierAsking, Reuse } from "@parallel-parrot/transport";
import type { RetryChange } from "../flags/go-on-flags.ts";
import type { History } from "../job/history.ts";
import type { Job, RunHow } from "../job/job.ts";
import { planJob } from "../job/plan.ts";
import { changedJob, earlierAskings } from "../job/retry-change.ts";
import type { RunOptions } from "../job/run-options.ts";

/** How a job finds the answers of earlier runs, and how it asks for what they do not have. */
export interface WayOfAsking {
  readonly reuse: Reuse;
  /** The output that the stored answers were asked for, where they are only read anew. */
  readonly requestOutput: Output | undefined;
  /** Other ways in which rows of the job were asked before. */
  readonly earlier: readonly EarlierAsking[];
  /** The retries whose answers are found too. */
  readonly retries: readonly RetryChange[];
}

/** @throws ParrotError `INVALID_OPTION` where options contradict each other, or there is nothing to read anew */
export async function wayOfAsking(
  job: Job,
  options: Pick<RunOptions, "fresh" | "reparse">,
  { history, how = {} }: { readonly history: History; readonly how?: RunHow },
): Promise<WayOfAsking> {
  const reuse = reuseOf(options, how);
  const requestOutput = options.reparse ? await outputAsked(history, job) : undefined;
  const retries = reuse === "none" ? [] : history.retriesOf(job);
  const earlier = await earlierAskings(job, { retries, now: changedJob(job, how.change ?? {}) });
  return { reuse, requestOutput, earlier, retries };
}

function reuseOf(
  { fresh, reparse }: Pick<RunOptions, "fresh" | "reparse">,
  { retriesFailed = false }: RunHow,
): Reuse {
  if (fresh && reparse) {
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot ask every row and none: give either --fresh or --reparse",
      { option: "--fresh" },
    );
  }
  if (reparse) return "only";
  if (retriesFailed) return "answers";
  return fresh ? "none" : "all";
}

/** The output that the stored answers were asked for. */
async function outputAsked(history: History, job: Job): Promise<Output> {
  const earlier = history.lastAsking(job);
  if (earlier === undefined) {
    throw new ParrotError(
      "INVALID_OPTION",
      "Nothing to read anew: the journal has no run with this prompt, model and parameters; leave --reparse out to ask",
      { option: "--reparse" },
    );
  }
  return (await planJob(earlier, { asks: false })).wanted;
}
