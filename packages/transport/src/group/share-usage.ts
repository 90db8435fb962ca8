import type { Usage } from "@parallel-parrot/core";

/**
 * Shares the usage of one request among its rows, in whole tokens whose sum is exact. The request itself is counted for
 * the last row.
 *
 * @param input how much of the input belongs to each row, such as its characters
 * @param output how much of the output does
 */
export function shareUsage(
  usage: Usage,
  { input, output }: { readonly input: readonly number[]; readonly output: readonly number[] },
): readonly Usage[] {
  const { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens = 0, reasoningTokens } = usage;
  // What the parts are of a whole is shared in parts, so that no row has more of a part than of the whole.
  const cached = shares(cachedInputTokens, input);
  const written = shares(cacheWriteTokens, input);
  const otherInput = shares(inputTokens - cachedInputTokens - cacheWriteTokens, input);
  const reasoning = shares(reasoningTokens, output);
  const otherOutput = shares(outputTokens - reasoningTokens, output);
  const requests = shares(usage.requests, input);
  return input.map((_, row) => {
    const of = (each: readonly number[]): number => each[row] ?? 0;
    return {
      requests: of(requests),
      inputTokens: of(cached) + of(written) + of(otherInput),
      outputTokens: of(reasoning) + of(otherOutput),
      cachedInputTokens: of(cached),
      reasoningTokens: of(reasoning),
      ...(cacheWriteTokens > 0 && { cacheWriteTokens: of(written) }),
    };
  });
}

/** Shares a whole number by weights, in whole numbers. */
function shares(total: number, weights: readonly number[]): readonly number[] {
  const all = weights.reduce((sum, weight) => sum + weight + 1, 0);
  let weight = 0;
  let given = 0;
  return weights.map((each) => {
    weight += each + 1;
    const share = Math.floor((total * weight) / all) - given;
    given += share;
    return share;
  });
}
