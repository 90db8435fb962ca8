import type { FinishReason } from "@parallel-parrot/core";
import { describe, expect, it } from "vitest";
import { finishReasonOf } from "./finish-reason.ts";

const WORDS: readonly (readonly [FinishReason, readonly string[]])[] = [
  ["stop", ["stop", "end_turn", "stop_sequence", "complete", "eos"]],
  ["length", ["length", "max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded"]],
  ["content_filter", ["content_filter", "content_filtered", "guardrail_intervened", "safety", "recitation"]],
  ["refusal", ["refusal"]],
  ["other", ["load", "pause_turn", "tool_calls", "malformed_function_call", "toString", ""]],
];

describe("finishReasonOf", () => {
  it.each(WORDS)("finishReasonOf knows the words for %s in any case and style", (reason, words) => {
    for (const word of words)
      for (const variant of [word, word.toUpperCase(), word.replaceAll("_", "-"), ` ${word} `])
        expect([variant, finishReasonOf(variant)]).toEqual([variant, reason]);
  });

  it("finishReasonOf reads a missing finish reason as a complete answer", () => {
    expect([undefined, null].map((word) => finishReasonOf(word))).toEqual(["stop", "stop"]);
    expect(finishReasonOf(7)).toBe("other");
  });

  it("finishReasonOf reads a tool call as a complete answer if its arguments are the answer", () => {
    for (const word of ["tool_use", "tool_calls", "TOOL_CALL", "function_call", "stop"])
      expect(finishReasonOf(word, true)).toBe("stop");
    expect(finishReasonOf("length", true)).toBe("length");
  });
});
