import type { Charge } from "@parallel-parrot/limiter";
import type { Provider } from "../provider.ts";

/** How the server's own limiter counts a request. */
export interface ChargeProfile {
  /**
   * What a cap on the answer does: it is taken when the request arrives and set right by the answer, it is taken
   * and stays taken, or it does not count.
   */
  readonly cap: "settled" | "kept" | "free";
  /** Whether input that is read from the prompt cache counts. */
  readonly cachedCounts: boolean;
}

/** What most do. */
export const COMMON_CHARGE: ChargeProfile = { cap: "settled", cachedCounts: true };

/**
 * The charges of a profile, in every dimension: a user may know a limit of which the server tells nothing.
 */
export function chargesOf({
  cap,
  cachedCounts,
}: ChargeProfile): Pick<Provider, "chargeUpFront" | "chargeAfter"> {
  return {
    chargeUpFront: ({ inputTokens, expectedOutputTokens, maxTokens = expectedOutputTokens }) =>
      chargeOf(inputTokens, cap === "free" ? expectedOutputTokens : maxTokens),
    chargeAfter: ({ maxTokens = 0 }, { inputTokens, outputTokens, cachedInputTokens }) =>
      chargeOf(
        cachedCounts ? inputTokens : inputTokens - cachedInputTokens,
        cap === "kept" ? Math.max(maxTokens, outputTokens) : outputTokens,
      ),
  };
}

function chargeOf(inputTokens: number, outputTokens: number): Charge {
  return { requests: 1, tokens: inputTokens + outputTokens, inputTokens, outputTokens };
}
