import type { Usage } from "@parallel-parrot/core";
import { formatDollars } from "@parallel-parrot/transport";

/** How much of the input came from a prompt cache, and what that saved; empty where nothing was cached. */
export function describeCached(
  { inputTokens, cachedInputTokens, cacheWriteTokens = 0 }: Usage,
  saving: number | undefined,
): readonly string[] {
  if (cachedInputTokens + cacheWriteTokens === 0) return [];
  const share = Math.round((100 * cachedInputTokens) / inputTokens);
  const part = share === 0 && cachedInputTokens > 0 ? "Less than 1" : share;
  const cached = `${part} % of the input was cached`;
  if (saving === undefined || saving === 0) return [cached];
  if (saving > 0) return [`${cached}, ${formatDollars(saving)} saved`];
  return [
    `${cached}; what was written to the prompt cache cost ${formatDollars(-saving)} more than that saved`,
  ];
}
