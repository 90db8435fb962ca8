import type { Call, Estimate, ProviderRequest } from "@parallel-parrot/providers";
import { imagesOf } from "../budget/images-of.ts";

/** Characters of a token in English, with which the estimates begin. */
const CHARS_PER_TOKEN = 4;
/** About what an image takes. The size of its file does not matter, as APIs scale images down. */
const TOKENS_PER_IMAGE = 1000;
const FIRST_OUTPUT_TOKENS = 256;
/** Weight of the newest answer in the moving averages. */
const WEIGHT = 0.1;

type SentBody = Pick<ProviderRequest, "body" | "isMarked">;

/** Estimates what a request will take, by its characters and by what earlier answers took. */
export interface TokenEstimator {
  estimate(call: Call, request: SentBody): Estimate;
  /** Learns from the true usage of a request that was answered. */
  observe(
    call: Call,
    request: SentBody,
    usage: {
      readonly inputTokens: number;
      readonly outputTokens: number;
      readonly cachedInputTokens: number;
    },
  ): void;
}

/**
 * Makes an estimator that learns how many tokens a character is. Servers charge by characters or by tokenizers of
 * their own, and tell the true usage afterwards. So for pacing this is as good as a tokenizer, and costs nothing.
 */
export function createTokenEstimator(): TokenEstimator {
  let tokensPerChar = 1 / CHARS_PER_TOKEN;
  let outputTokens: number | undefined;
  /** What the last marked request has read from the prompt cache: all of them have the same to read. */
  let cachedTokens = 0;
  return {
    estimate(call, { body, isMarked = false }) {
      const images = imagesOf(call);
      const inputTokens =
        Math.ceil((body.length - images.characters) * tokensPerChar) + images.count * TOKENS_PER_IMAGE;
      const { maxTokens } = call.params;
      const expected = Math.ceil(outputTokens ?? FIRST_OUTPUT_TOKENS);
      const input =
        isMarked && cachedTokens > 0
          ? { inputTokens, cachedInputTokens: Math.min(cachedTokens, inputTokens) }
          : { inputTokens };
      if (maxTokens === undefined) return { ...input, expectedOutputTokens: expected };
      const cap = maxTokens * call.n;
      return { ...input, expectedOutputTokens: Math.min(expected, cap), maxTokens: cap };
    },
    observe(call, { body, isMarked = false }, usage) {
      // A server that tells no usage gives nothing to learn from.
      if (usage.inputTokens === 0 || body.length === 0) return;
      if (isMarked) cachedTokens = usage.cachedInputTokens;
      // The usage is compared with the characters, not with an estimate: hundreds of answers in flight must not
      // correct the same error again and again. What a prompt with images took says nothing about its text.
      if (imagesOf(call).count === 0)
        tokensPerChar += WEIGHT * (usage.inputTokens / body.length - tokensPerChar);
      outputTokens =
        outputTokens === undefined
          ? usage.outputTokens
          : outputTokens + WEIGHT * (usage.outputTokens - outputTokens);
    },
  };
}
