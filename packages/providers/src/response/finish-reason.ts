import type { FinishReason } from "@parallel-parrot/core";

/**
 * The words of all dialects in one table: no word means different things in two of them, and gateways pass on the words
 * of the servers behind them.
 */
const MEANINGS: Readonly<Record<FinishReason, readonly string[]>> = {
  stop: ["stop", "stopped", "end_turn", "stop_sequence", "eos", "eos_token", "end", "complete", "completed"],
  length: [
    "length",
    "max_tokens",
    "max_output_tokens",
    "max_completion_tokens",
    "max_length",
    "model_length",
    "model_context_window_exceeded",
  ],
  content_filter: [
    "content_filter",
    "content_filtered",
    "guardrail_intervened",
    "sensitive",
    "safety",
    "recitation",
    "blocklist",
    "prohibited_content",
    "spii",
    "image_safety",
    "image_prohibited_content",
    "image_recitation",
  ],
  refusal: ["refusal"],
  other: [],
};

/** Words that say that the answer is a tool call. */
const TOOL_CALLS: ReadonlySet<string> = new Set(["tool_use", "tool_call", "tool_calls", "function_call"]);

const REASONS = new Map(
  Object.entries(MEANINGS).flatMap(([reason, words]) =>
    words.map((word): [string, FinishReason] => [word, reason as FinishReason]),
  ),
);

/**
 * Why the model stopped, from the word of any dialect, in any case and with `-` or `_`. Without a word the answer
 * counts as complete; an unknown word is `other`.
 *
 * @param isToolCall whether the answer is the arguments of a tool call, and therefore complete
 */
export function finishReasonOf(word: unknown, isToolCall = false): FinishReason {
  if (word === undefined || word === null) return "stop";
  const folded = foldWord(word);
  if (isToolCall && TOOL_CALLS.has(folded)) return "stop";
  return REASONS.get(folded) ?? "other";
}

/** A word in the form in which dialects are compared: `MAX-TOKENS` becomes `max_tokens`. */
export function foldWord(word: unknown): string {
  return typeof word === "string" ? word.trim().toLowerCase().replaceAll("-", "_") : "";
}
