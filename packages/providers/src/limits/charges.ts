import type { Charge } from "@parallel-parrot/limiter";
import type { Provider } from "../provider.ts";

/** How the server's limiter counts a request. */
export interface ChargeProfile {
  /**
   * How `maxTokens` counts: it is charged when the request arrives and corrected by the answer (`settled`), it is
   * charged and not corrected (`kept`), or it is not charged (`free`).
   */
  readonly cap: "settled" | "kept" | "free";
  /** Whether input that is read from the prompt cache counts. */
  readonly cachedCounts: boolean;
}

/** How most servers count. */
export const COMMON_CHARGE: ChargeProfile = { cap: "settled", cachedCounts: true };

/** The charges of a profile in every dimension, because a user may set a limit that the server does not tell. */
export function chargesOf({
  cap,
  cachedCounts,
}: ChargeProfile): Pick<Provider, "chargeUpFront" | "chargeAfter"> {
  return {
    chargeUpFront: ({
      inputTokens,
      cachedInputTokens = 0,
      expectedOutputTokens,
      maxTokens = expectedOutputTokens,
    }) =>
      chargeOf(
        cachedCounts ? inputTokens : inputTokens - cachedInputTokens,
        cap === "free" ? expectedOutputTokens : maxTokens,
      ),
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
