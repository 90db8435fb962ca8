import type { FinishReason } from "@parallel-parrot/core";

/**
 * The words of all dialects. No two of them mean different things by the same word, and gateways pass on the words of
 * the servers behind them.
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

/** Words for an answer that is the call of a tool. */
const TOOL_CALLS: ReadonlySet<string> = new Set(["tool_use", "tool_call", "tool_calls", "function_call"]);

const REASONS = new Map(
  Object.entries(MEANINGS).flatMap(([reason, words]) =>
    words.map((word): [string, FinishReason] => [word, reason as FinishReason]),
  ),
);

/**
 * Why the model stopped, by the word of any dialect in any case, with `-` or `_`. A server that gives no word means a
 * complete answer; a word that is not known is `other`.
 *
 * @param isToolCall whether the answer is the arguments of a tool call, which is then complete
 */
export function finishReasonOf(word: unknown, isToolCall = false): FinishReason {
  if (word === undefined || word === null) return "stop";
  const folded = foldWord(word);
  if (isToolCall && TOOL_CALLS.has(folded)) return "stop";
  return REASONS.get(folded) ?? "other";
}

/** A word as all dialects may be compared by: `MAX-TOKENS` is `max_tokens`. */
export function foldWord(word: unknown): string {
  return typeof word === "string" ? word.trim().toLowerCase().replaceAll("-", "_") : "";
}
