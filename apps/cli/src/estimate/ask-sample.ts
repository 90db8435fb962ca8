import { isFailed, type Item, type Row } from "@parallel-parrot/core";
import type { InputDigest } from "@parallel-parrot/formats";
import type { CompletionProgress } from "@parallel-parrot/transport";
import type { Job } from "../job/job.ts";
import type { RunOptions } from "../job/run-options.ts";
import { ESTIMATE } from "../job/run-kind.ts";
import { runTrial } from "../trial/run-trial.ts";
import { cacheOf } from "./cache-use.ts";
import type { RowUsage, SampleUsage } from "./sample-usage.ts";

/** The usage of the sampled rows, as they were asked for real. */
export interface AskedSample extends SampleUsage {
  readonly progress: CompletionProgress;
  /** What ended the asking early. */
  readonly stopped: Error | undefined;
}

/** Asks the sampled rows for real, re-asks and retries included; the answers go to the journal alone. */
export async function askSample(
  job: Job,
  options: RunOptions,
  { items, digest }: { readonly items: readonly Item[]; readonly digest: InputDigest | undefined },
): Promise<AskedSample> {
  const { rows, progress, stopped } = await runTrial(job, options, { items, digest, manifest: ESTIMATE });
  const failures = rows.flatMap(({ item }) =>
    // An answer that cannot be read has been asked for as it will be again.
    isFailed<Row>(item) && item.failure.stage !== "parse"
      ? [`${item.failure.code}: ${item.failure.message}`]
      : [],
  );
  return {
    rows,
    method: "as the server counts them",
    withoutImages: false,
    output: { basis: "asked" },
    ...prefixOf(rows, options),
    failed: failures.length,
    firstFailure: failures[0],
    progress,
    stopped,
  };
}

/** What the rows have read from a prompt cache, or one of them has written to it, as the server counts it. */
function prefixOf(asked: readonly RowUsage[], options: RunOptions): Pick<SampleUsage, "prefix"> {
  const { isMarked = false } = cacheOf(options) ?? {};
  const tokens = asked.map(({ usage }) => {
    const { requests, cachedInputTokens, cacheWriteTokens = 0 } = usage;
    return requests === 0 ? 0 : Math.round((cachedInputTokens + cacheWriteTokens) / requests);
  });
  const most = Math.max(0, ...tokens);
  return isMarked && most > 0 ? { prefix: { tokens: most, isMarked } } : {};
}
