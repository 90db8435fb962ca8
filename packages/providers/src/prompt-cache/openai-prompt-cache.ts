import type { PromptCacheInfo } from "./prompt-cache-info.ts";

const MINUTE_MS = 60_000;
const MIN_TOKENS = 1024;

/**
 * From GPT-5.6 on what is kept ends at the newest message, unless a request marks another end. What is written costs
 * 1.25 times as much as other input, and what is read a tenth or less: where the messages differ, requests without
 * marks write all of it each time, and may read nothing. Source: OpenAI, "Prompt caching", and the types of its SDK 7.57.0.
 */
const TAKES_MARKS = /^gpt-(?:5\.[6-9]|[6-9])/;

/** What is known of the cache for the prompts of OpenAI's models; `undefined` for a model of somebody else. */
export function openaiPromptCache(model: string, isVendor: boolean): PromptCacheInfo | undefined {
  if (TAKES_MARKS.test(model))
    return { by: "marks", isDefault: isVendor, minTokens: MIN_TOKENS, lifetimeMs: 30 * MINUTE_MS };
  if (!isVendor) return undefined;
  return { by: "itself", isDefault: false, minTokens: MIN_TOKENS, lifetimeMs: 5 * MINUTE_MS };
}
