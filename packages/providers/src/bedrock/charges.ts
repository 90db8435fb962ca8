import type { Price } from "../pricing/price.ts";
import type { Provider } from "../provider.ts";

/** The models of Claude before 3.7: a token of their answers counts once. */
const CLAUDE_BEFORE_3_7 = /claude-(?:v\d|instant|3-(?:haiku|sonnet|opus|5))/;
const CLAUDE_OUTPUT_BURNDOWN = 5;

/**
 * What Bedrock's limiter charges: when the request arrives, the input and the most that the answer may have; in the
 * end, what was used. A token of Claude's answers counts five times. Input read from the cache is free.
 * Source: AWS, "How tokens are counted in Amazon Bedrock".
 */
export function bedrockCharges(
  model: string,
  price: Price | undefined,
): Pick<Provider, "chargeUpFront" | "chargeAfter"> {
  const isNewClaude = model.includes("claude") && !CLAUDE_BEFORE_3_7.test(model);
  const burndown = isNewClaude ? CLAUDE_OUTPUT_BURNDOWN : 1;
  return {
    chargeUpFront: ({ inputTokens, expectedOutputTokens, maxTokens }) => {
      const outputTokens = maxTokens ?? price?.maxOutputTokens ?? expectedOutputTokens;
      return { requests: 1, tokens: inputTokens + outputTokens, inputTokens, outputTokens };
    },
    chargeAfter: (_estimate, { inputTokens, outputTokens, cachedInputTokens }) => {
      const counted = inputTokens - cachedInputTokens;
      return {
        requests: 1,
        tokens: counted + outputTokens * burndown,
        inputTokens: counted,
        outputTokens,
      };
    },
  };
}
