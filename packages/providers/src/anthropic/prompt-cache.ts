import type { PromptCacheInfo } from "../prompt-cache/prompt-cache-info.ts";

const MINUTE_MS = 60_000;

/**
 * The fewest tokens that are kept, by the model's name without `claude-` and its date. Where sources disagree it is
 * the most. Source: Anthropic, "Prompt caching", and reports of what was measured.
 */
const MIN_TOKENS: Readonly<Record<string, number>> = {
  "fable-5": 512,
  "haiku-4-5": 4096,
  "mythos-5": 512,
  "opus-4": 1024,
  "opus-4-1": 1024,
  "opus-4-5": 4096,
  "opus-4-6": 4096,
  "opus-4-7": 2048,
  "opus-4-8": 1024,
  "opus-5": 512,
  "sonnet-4": 1024,
  "sonnet-4-5": 1024,
  "sonnet-4-6": 2048,
  "sonnet-5": 1024,
};
const MOST = Math.max(...Object.values(MIN_TOKENS));

/**
 * What is known of the cache for Claude's prompts. What is written to it costs 1.25 times as much as other input, and
 * what is read from it a tenth, so that marks pay from the second request on.
 *
 * @param model such as `claude-sonnet-5`, also as a part of a longer name
 */
export function claudePromptCache(model: string, isDefault: boolean): PromptCacheInfo {
  const name = /claude-([a-z]+-\d+(?:-\d(?!\d))?)(?![\d.])/.exec(model)?.[1] ?? "";
  return { by: "marks", isDefault, minTokens: MIN_TOKENS[name] ?? MOST, lifetimeMs: 5 * MINUTE_MS };
}
