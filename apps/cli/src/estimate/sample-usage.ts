import type { Usage } from "@parallel-parrot/core";

/** What a row of the sample takes. */
export interface RowUsage {
  readonly usage: Usage;
  /** US dollars; `undefined` where the price is not known. */
  readonly cost: number | undefined;
}

/** Sampled rows whose prompts the model does not take. */
export interface TooLongRows {
  readonly rows: number;
  /** Most tokens that it takes. */
  readonly maxInputTokens: number;
}

/** What is known of the sampled rows. */
export interface SampleUsage {
  readonly rows: readonly RowUsage[];
  /** How the input tokens were found. */
  readonly method: string;
  /** Whether the prompts have images that are not in the input tokens. */
  readonly withoutImages: boolean;
  /** What does not fit the model, where that was counted and the model is known. */
  readonly tooLong?: TooLongRows;
  /** How the output tokens were found. `unknown`: they were not, and `usage` has none. */
  readonly output:
    | { readonly basis: "asked" | "unknown" }
    | { readonly basis: "assumed" | "cap"; readonly tokensPerRow: number };
  /** Sampled rows that failed. */
  readonly failed: number;
  /** The first failure, to show. */
  readonly firstFailure: string | undefined;
}
