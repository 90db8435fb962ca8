import type { PromptCacheInfo } from "../prompt-cache/prompt-cache-info.ts";

const MINUTE_MS = 60_000;

/**
 * What is known of the cache for Gemini's prompts. It finds out by itself what requests share; for how long it keeps
 * that is not told. Source: Google, "Context caching".
 */
export function geminiPromptCache(model: string): PromptCacheInfo {
  const minTokens = model.includes("gemini-2.5") ? 2048 : 4096;
  return { by: "itself", isDefault: false, minTokens, lifetimeMs: 5 * MINUTE_MS };
}
