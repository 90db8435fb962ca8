import type { Usage } from "@parallel-parrot/core";
import type { Price } from "@parallel-parrot/providers";
import { costOf } from "@parallel-parrot/transport";
import type { CacheEstimate } from "./estimate-result.ts";
import type { RowUsage, SampleUsage } from "./sample-usage.ts";

/**
 * The sample as if every row read from the prompt cache: of all rows one alone writes to it, and that one is among the
 * sampled rows far more often than among all.
 */
export function readingOnly(sample: SampleUsage, price: Price | undefined): SampleUsage {
  const { prefix, output, rows } = sample;
  if (prefix?.isMarked !== true) return sample;
  if (output.basis === "asked") return { ...sample, rows: rows.map((row) => readingRow(row, price)) };
  const reading = rows.map(({ usage }): RowUsage => {
    const { requests, inputTokens } = usage;
    const cachedInputTokens = Math.min(inputTokens, requests * prefix.tokens);
    return priced({ ...usage, cachedInputTokens }, price);
  });
  return { ...sample, rows: reading };
}

/** A row that was asked for real, as if it had read what it has written to the prompt cache. */
export function readingRow({ usage, cost }: RowUsage, price: Price | undefined): RowUsage {
  const { cachedInputTokens, cacheWriteTokens = 0 } = usage;
  if (cacheWriteTokens === 0) return { usage, cost };
  const cached = cachedInputTokens + cacheWriteTokens;
  return priced({ ...usage, cachedInputTokens: cached, cacheWriteTokens: 0 }, price);
}

function priced(usage: Usage, price: Price | undefined): RowUsage {
  return { usage, cost: price === undefined ? undefined : costOf(usage, price) };
}

/** What the prompt cache is estimated to do for a run, and what is to be added to the sum of its rows. */
export interface EstimatedCache {
  readonly estimate: CacheEstimate;
  /** How much more the row pays that writes, in US dollars. */
  readonly extraCost: number;
}

/** @param total the rows that are asked */
export function estimateCache(
  { rows, prefix }: SampleUsage,
  { total, price }: { readonly total: number; readonly price: Price | undefined },
): EstimatedCache | undefined {
  if (prefix === undefined || total < 2 || rows.length === 0) return undefined;
  const { tokens, isMarked: isSure } = prefix;
  const requests = rows.reduce((sum, { usage }) => sum + usage.requests, 0) / rows.length;
  const read = Math.round((total * requests - 1) * tokens);
  if (price === undefined) return { estimate: { tokens: read, saving: null, isSure }, extraCost: 0 };
  const priceOf = (usage: Partial<Usage>): number =>
    costOf(
      {
        requests: 1,
        inputTokens: tokens,
        outputTokens: 0,
        cachedInputTokens: 0,
        reasoningTokens: 0,
        ...usage,
      },
      price,
    );
  const [plain, reading] = [priceOf({}), priceOf({ cachedInputTokens: tokens })];
  const writing = priceOf({ cacheWriteTokens: tokens });
  const saving = ((plain - reading) * read) / tokens - (isSure ? writing - plain : 0);
  return { estimate: { tokens: read, saving, isSure }, extraCost: isSure ? writing - reading : 0 };
}
