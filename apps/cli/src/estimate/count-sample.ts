import { isFailed, NO_USAGE, type Row, type Usage } from "@parallel-parrot/core";
import { compilePrompt, promptItem } from "@parallel-parrot/template";
import { costOf } from "@parallel-parrot/transport";
import { createPromptCounter } from "./count-prompt.ts";
import type { RunOptions } from "../job/run-options.ts";
import type { RowUsage, SampleUsage } from "./sample-usage.ts";

/**
 * Counts what the sampled rows would use, without sending anything. An answer is taken to have `outputTokens`, or the
 * cap.
 */
export async function countSample(
  rows: readonly Row[],
  options: RunOptions,
  outputTokens: number | undefined,
): Promise<SampleUsage> {
  const { provider, wanted, n, maxTokens, price = provider.price } = options;
  const maxInputTokens = provider.price?.maxInputTokens ?? Number.POSITIVE_INFINITY;
  const counter = await createPromptCounter(provider.model);
  const prompt = compilePrompt<Row>(options.prompt);
  // Where the API has no `n`, each choice is a request with the whole prompt.
  const requests = provider.capabilities.nativeN ? 1 : n;
  const tokensPerRow = (outputTokens ?? maxTokens ?? 0) * n;
  const failures: string[] = [];
  let tooLong = 0;
  const counted = rows.map((row, index): RowUsage => {
    const item = promptItem(prompt, row, index);
    if (isFailed<Row>(item)) {
      failures.push(item.failure.message);
      return { usage: NO_USAGE, cost: price === undefined ? undefined : 0 };
    }
    const tokens = counter.count(item.prompt, wanted.shape);
    const isTooLong = tokens > maxInputTokens;
    if (isTooLong) tooLong += 1;
    const usage = isTooLong
      ? usageOfTooLong(options, { requests, maxInputTokens, outputTokens: tokensPerRow })
      : { ...NO_USAGE, requests, inputTokens: requests * tokens, outputTokens: tokensPerRow };
    return { usage, cost: price === undefined ? undefined : costOf(usage, price) };
  });
  return {
    rows: counted,
    method: counter.method,
    withoutImages: prompt.hasImages,
    output: outputOf(outputTokens, maxTokens, tokensPerRow),
    ...(tooLong === 0 ? {} : { tooLong: { rows: tooLong, maxInputTokens } }),
    failed: failures.length,
    firstFailure: failures[0],
  };
}

/** A refused request costs no tokens. With `truncate`, a shorter prompt follows, which fills the context window. */
function usageOfTooLong(
  { onContext }: RunOptions,
  {
    requests,
    maxInputTokens,
    outputTokens,
  }: Readonly<Record<"requests" | "maxInputTokens" | "outputTokens", number>>,
): Usage {
  return onContext === "truncate"
    ? { ...NO_USAGE, requests: 2 * requests, inputTokens: requests * maxInputTokens, outputTokens }
    : { ...NO_USAGE, requests };
}

function outputOf(
  assumed: number | undefined,
  cap: number | undefined,
  tokensPerRow: number,
): SampleUsage["output"] {
  if (assumed === undefined && cap === undefined) return { basis: "unknown" };
  return { basis: assumed === undefined ? "cap" : "assumed", tokensPerRow };
}
