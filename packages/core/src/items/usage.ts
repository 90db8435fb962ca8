/**
 * What was paid for, in one vocabulary for all providers. Adapters translate: `inputTokens` always
 * includes cached ones and `outputTokens` always includes reasoning, whatever the API's own names mean.
 */
export interface Usage {
  /** Requests that the server answered, failed attempts and re-asks among them. */
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** The part of `inputTokens` read from the provider's prompt cache. */
  readonly cachedInputTokens: number;
  /** The part of `outputTokens` spent on reasoning. */
  readonly reasoningTokens: number;
  /** The part of `inputTokens` written to the provider's prompt cache, where that has a price of its own. */
  readonly cacheWriteTokens?: number;
}

/** Nothing spent. */
export const NO_USAGE: Usage = Object.freeze({
  requests: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
  reasoningTokens: 0,
});

/** The sum of two usages. */
export function addUsage(a: Usage, b: Usage): Usage {
  const cacheWriteTokens = (a.cacheWriteTokens ?? 0) + (b.cacheWriteTokens ?? 0);
  const sum = {
    requests: a.requests + b.requests,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
  };
  return cacheWriteTokens === 0 ? sum : { ...sum, cacheWriteTokens };
}
