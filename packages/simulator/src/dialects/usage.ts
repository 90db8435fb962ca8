import type { SimAnswer } from "../dialect.ts";

/** The tokens of an answer, counted in the ways in which APIs tell them. */
export interface Usage {
  /** The input, with what was read from a cache or written to one. */
  readonly input: number;
  readonly cached: number;
  readonly written: number;
  /** The input without what was read from a cache or written to one. */
  readonly fresh: number;
  /** The output without the thinking. */
  readonly text: number;
  readonly thinking: number;
  /** The output with the thinking. */
  readonly output: number;
  readonly total: number;
}

export function usageOf({
  inputTokens: input,
  outputTokens: text,
  thinkingTokens: thinking = 0,
  cachedTokens: cached = 0,
  cacheWriteTokens: written = 0,
}: SimAnswer): Usage {
  const output = text + thinking;
  return {
    input,
    cached,
    written,
    fresh: input - cached - written,
    text,
    thinking,
    output,
    total: input + output,
  };
}
