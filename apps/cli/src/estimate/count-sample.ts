import { isFailed, NO_USAGE, type Item, type Row, type Usage } from "@parallel-parrot/core";
import { compilePrompt, promptItem } from "@parallel-parrot/template";
import { costOf } from "@parallel-parrot/transport";
import { providerFor } from "../by-row/own-of.ts";
import { PromptCounters } from "./count-prompt.ts";
import type { RunOptions } from "../job/run-options.ts";
import { canBeGrouped, usageInGroup } from "./group-usage.ts";
import { cacheOf, type CacheUse } from "./cache-use.ts";
import type { RowUsage, SampleUsage, SharedPrefix } from "./sample-usage.ts";

/** What is known of the length of answers before any is asked for. */
export interface AnswerLength {
  /** As it is assumed; `undefined` where nothing is. */
  readonly assumed: number | undefined;
  /** The mean of the answers to rows of this job in the journal; `undefined` where there are none. */
  readonly known: { readonly rows: number; readonly tokensPerRow: number } | undefined;
}

/**
 * Counts what the sampled rows would use, without sending anything. An answer is taken to have as many tokens as is
 * assumed, or as those in the journal, or else as the cap.
 */
export async function countSample(
  items: readonly Item[],
  options: RunOptions,
  { assumed, known }: AnswerLength,
): Promise<SampleUsage> {
  const { provider, wanted, n, maxTokens, rowsPerRequest } = options;
  const counters = new PromptCounters();
  for (const { row } of items) await counters.load(providerFor(row, options).model);
  const prompt = compilePrompt<Row>(options.prompt);
  const failures: string[] = [];
  const cache = cacheOf(options);
  let prefix: SharedPrefix | undefined;
  let tooLong = 0;
  /** The context window of a model that a prompt was too long for. */
  let exceeded = 0;
  const alone: RowUsage[] = [];
  const counted = items.map(({ row, index }): RowUsage => {
    const item = promptItem(prompt, row, index);
    const whom = providerFor(row, options);
    const { price = whom.price } = options;
    const maxInputTokens = price?.maxInputTokens ?? Number.POSITIVE_INFINITY;
    // Where the API has no `n`, each choice is a request with the whole prompt.
    const requests = whom.capabilities.nativeN ? 1 : n;
    const most =
      assumed === undefined && known !== undefined
        ? known.tokensPerRow
        : (assumed ?? maxTokensOf(row, options) ?? 0) * n;
    if (isFailed<Row>(item)) {
      failures.push(item.failure.message);
      const nothing = { usage: NO_USAGE, cost: price === undefined ? undefined : 0 };
      alone.push(nothing);
      return nothing;
    }
    const tokens = counters.of(whom.model).count(item.prompt, wanted.shape);
    const isTooLong = tokens > maxInputTokens;
    if (isTooLong) {
      tooLong += 1;
      exceeded = maxInputTokens;
    }
    if (cache !== undefined && !prompt.hasImages)
      prefix ??= sharedPrefix(cache, counters.of(whom.model).countPrefix(item.prompt, wanted.shape));
    const usage = isTooLong
      ? usageOfTooLong(options, { requests, maxInputTokens, outputTokens: most })
      : { ...NO_USAGE, requests, inputTokens: requests * tokens, outputTokens: most };
    const priced = (of: Usage): RowUsage => ({
      usage: of,
      cost: price === undefined ? undefined : costOf(of, price),
    });
    alone.push(priced(usage));
    if (rowsPerRequest === 1 || isTooLong || !canBeGrouped(item.prompt)) return priced(usage);
    const shared = counters.of(whom.model).countPrefix(item.prompt, wanted.shape);
    return priced(usageInGroup(usage, shared, rowsPerRequest));
  });
  return {
    rows: counted,
    method: counters.method(provider.model),
    withoutImages: prompt.hasImages,
    output: outputOf({ assumed, known }, { n, maxTokens }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(rowsPerRequest === 1 ? {} : { alone }),
    ...(tooLong === 0 ? {} : { tooLong: { rows: tooLong, maxInputTokens: exceeded } }),
    failed: failures.length,
    firstFailure: failures[0],
  };
}

/** The cap of the answer to a row, which may be its own. */
function maxTokensOf(row: Row, { rowParams, maxTokens }: RunOptions): number | undefined {
  try {
    return rowParams?.(row).maxTokens ?? maxTokens;
  } catch {
    // The row fails when it is asked, with the reason.
    return maxTokens;
  }
}

function sharedPrefix({ isMarked, minTokens }: CacheUse, tokens: number): SharedPrefix | undefined {
  return tokens < minTokens ? undefined : { tokens, isMarked };
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
  { assumed, known }: AnswerLength,
  { n, maxTokens }: Pick<RunOptions, "n" | "maxTokens">,
): SampleUsage["output"] {
  if (assumed !== undefined) return { basis: "assumed", tokensPerRow: assumed * n };
  if (known !== undefined) return { basis: "journal", ...known };
  return maxTokens === undefined ? { basis: "unknown" } : { basis: "cap", tokensPerRow: maxTokens * n };
}
