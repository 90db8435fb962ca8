import { isFailed, type Row } from "@parallel-parrot/core";
import { costOf, type CompletionProgress } from "@parallel-parrot/transport";
import { pipeline } from "parallel-parrot";
import { askingOptions } from "../run/pipeline-options.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import { openPlace } from "../journal/journal-place.ts";
import type { RunOptions } from "../job/run-options.ts";
import type { RowUsage, SampleUsage } from "./sample-usage.ts";

/** The usage of the sampled rows, as they were asked for real. */
export interface AskedSample extends SampleUsage {
  readonly progress: CompletionProgress;
  /** What ended the asking early. */
  readonly stopped: Error | undefined;
}

/** Asks the sampled rows for real, re-asks and retries included; the answers go to the journal alone. */
export async function askSample(rows: readonly Row[], options: RunOptions): Promise<AskedSample> {
  const { provider, price = provider.price } = options;
  const abort = new AbortController();
  // The run that follows finds the answers that the sample has paid for.
  const { journal } =
    options.journal === false ? {} : await openPlace(options.journal, { trust: options.trustJournal });
  const asked: RowUsage[] = [];
  const failures: string[] = [];
  const run = pipeline<Row, Row>({
    ...askingOptions(options),
    ...(journal === undefined ? {} : { journal }),
    signal: abort.signal,
    checkFirstRow: false,
    onStop: "close",
    onRow(item, usage) {
      asked.push({ usage, cost: price === undefined ? undefined : costOf(usage, price) });
      // An answer that cannot be read has been asked for as it will be again.
      if (isFailed<Row>(item) && item.failure.stage !== "parse")
        failures.push(`${item.failure.code}: ${item.failure.message}`);
    },
  });
  const stopListening = onInterrupt({
    gently: (reason) => run.stop(reason),
    atOnce: (reason) => abort.abort(reason),
  });
  try {
    await ReadableStream.from(rows).pipeThrough(run).pipeTo(new WritableStream());
  } finally {
    stopListening();
    await journal?.close();
  }
  const { stopped } = run;
  if (stopped !== undefined && asked.length === failures.length) throw stopped;
  return {
    rows: asked,
    method: "as the server counts them",
    withoutImages: false,
    output: { basis: "asked" },
    failed: failures.length,
    firstFailure: failures[0],
    progress: run.progress(),
    stopped,
  };
}
