import { isFailed, NO_USAGE, type Row } from "@parallel-parrot/core";
import { compilePrompt, promptItem } from "@parallel-parrot/template";
import { costOf } from "@parallel-parrot/transport";
import { createPromptCounter } from "./count-prompt.ts";
import type { RunOptions } from "./run-options.ts";
import type { RowUsage, SampleUsage } from "./sample-usage.ts";

/** What the sampled rows would take, counted here: nothing is sent. Output is as long as `outputTokens`, or the cap. */
export async function countSample(
  rows: readonly Row[],
  options: RunOptions,
  outputTokens: number | undefined,
): Promise<SampleUsage> {
  const { provider, wanted, n, maxTokens, price = provider.price } = options;
  const counter = await createPromptCounter(provider.model);
  const prompt = compilePrompt<Row>(options.prompt);
  // Where the API has no `n`, each choice is a request with the whole prompt.
  const requests = provider.capabilities.nativeN ? 1 : n;
  const tokensPerRow = (outputTokens ?? maxTokens ?? 0) * n;
  const failures: string[] = [];
  const counted = rows.map((row, index): RowUsage => {
    const item = promptItem(prompt, row, index);
    if (isFailed<Row>(item)) {
      failures.push(item.failure.message);
      return { usage: NO_USAGE, cost: price === undefined ? undefined : 0 };
    }
    const inputTokens = requests * counter.count(item.prompt, wanted.shape);
    const usage = { ...NO_USAGE, requests, inputTokens, outputTokens: tokensPerRow };
    return { usage, cost: price === undefined ? undefined : costOf(usage, price) };
  });
  return {
    rows: counted,
    method: counter.method,
    withoutImages: prompt.hasImages,
    output: outputOf(outputTokens, maxTokens, tokensPerRow),
    failed: failures.length,
    firstFailure: failures[0],
  };
}

function outputOf(
  assumed: number | undefined,
  cap: number | undefined,
  tokensPerRow: number,
): SampleUsage["output"] {
  if (assumed === undefined && cap === undefined) return { basis: "unknown" };
  return { basis: assumed === undefined ? "cap" : "assumed", tokensPerRow };
}
