import { isFailed, type Row } from "@parallel-parrot/core";
import { promptStream } from "@parallel-parrot/template";
import { completionStream, costOf, type CompletionProgress } from "@parallel-parrot/transport";
import { completionOptions } from "../run/completion-options.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import { openPlace } from "../journal/journal-place.ts";
import { promptOptions } from "../run/prompt-options.ts";
import type { RunOptions } from "../flags/run-options.ts";
import type { RowUsage, SampleUsage } from "./sample-usage.ts";

/** What asking the sampled rows brought. */
export interface AskedSample extends SampleUsage {
  readonly progress: CompletionProgress;
  /** What ended the asking early. */
  readonly stopped: Error | undefined;
}

/** Asks the sampled rows for real, re-asks and retries included; the answers go to the journal alone. */
export async function askSample(rows: readonly Row[], options: RunOptions): Promise<AskedSample> {
  const { provider, wanted, price = provider.price } = options;
  const abort = new AbortController();
  // The run finds what the sample has paid for.
  const journal =
    options.journal === false
      ? undefined
      : await openPlace(options.journal, { trust: options.trustJournal === true });
  const completions = completionStream(provider, {
    ...completionOptions(options),
    output: wanted,
    onStop: "close",
    signal: abort.signal,
    ...(journal === undefined ? {} : { journal }),
  });
  const stopListening = onInterrupt({
    gently: (reason) => completions.stop(reason),
    atOnce: (reason) => abort.abort(reason),
  });
  const asked: RowUsage[] = [];
  const failures: string[] = [];
  try {
    const items = ReadableStream.from(rows)
      .pipeThrough(promptStream<Row>(options.prompt, promptOptions(options, false)))
      .pipeThrough(completions);
    for await (const item of items) {
      const { usage } = isFailed<Row>(item) ? item.failure : item.completion;
      asked.push({ usage, cost: price === undefined ? undefined : costOf(usage, price) });
      if (isFailed<Row>(item)) failures.push(`${item.failure.code}: ${item.failure.message}`);
    }
  } finally {
    stopListening();
    await journal?.close();
  }
  const { stopped } = completions;
  if (stopped !== undefined && asked.length === failures.length) throw stopped;
  return {
    rows: asked,
    method: "as the server counts them",
    withoutImages: false,
    output: { basis: "asked" },
    failed: failures.length,
    firstFailure: failures[0],
    progress: completions.progress(),
    stopped,
  };
}
