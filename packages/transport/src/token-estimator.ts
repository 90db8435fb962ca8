import type { Call, Estimate } from "@parallel-parrot/providers";

/** Characters a token takes in English, to begin with. */
const CHARS_PER_TOKEN = 4;
const FIRST_OUTPUT_TOKENS = 256;
/** Weight of the newest answer in the moving averages. */
const WEIGHT = 0.1;

/** Characters of text that an image is taken for, about 1,000 tokens: its bytes are not what is counted. */
const CHARS_PER_IMAGE = 4000;

/** Guesses what a request will take, from its characters and from what earlier answers took. */
export interface TokenEstimator {
  estimate(call: Call, body: string): Estimate;
  /** Learns from the true usage of an answered request. */
  observe(
    body: string,
    usage: { readonly inputTokens: number; readonly outputTokens: number },
    call?: Call,
  ): void;
}

/**
 * Servers charge by characters or by a tokenizer of their own, and always tell the true usage afterwards, so a
 * learned number of tokens a character is as good as a tokenizer for pacing and costs nothing.
 */
export function createTokenEstimator(): TokenEstimator {
  let tokensPerChar = 1 / CHARS_PER_TOKEN;
  let outputTokens: number | undefined;
  return {
    estimate(call, body) {
      const inputTokens = Math.ceil(lengthOf(body, call) * tokensPerChar);
      const { maxTokens } = call.params;
      const expected = Math.ceil(outputTokens ?? FIRST_OUTPUT_TOKENS);
      if (maxTokens === undefined) return { inputTokens, expectedOutputTokens: expected };
      const cap = maxTokens * call.n;
      return { inputTokens, expectedOutputTokens: Math.min(expected, cap), maxTokens: cap };
    },
    observe(body, usage, call) {
      // A server that tells no usage teaches nothing.
      if (usage.inputTokens === 0 || body.length === 0) return;
      // Measured against the characters, not against an estimate: hundreds of answers in flight must not
      // correct the same error again and again.
      tokensPerChar += WEIGHT * (usage.inputTokens / lengthOf(body, call) - tokensPerChar);
      outputTokens =
        outputTokens === undefined
          ? usage.outputTokens
          : outputTokens + WEIGHT * (usage.outputTokens - outputTokens);
    },
  };
}

function lengthOf(body: string, call: Call | undefined): number {
  let length = body.length;
  for (const { images = [] } of call?.prompt.messages ?? [])
    for (const image of images) length += CHARS_PER_IMAGE - ("data" in image ? image.data.length : 0);
  return Math.max(1, length);
}
