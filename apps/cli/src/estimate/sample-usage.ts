import type { Usage } from "@parallel-parrot/core";

/** The usage of one sampled row. */
export interface RowUsage {
  readonly usage: Usage;
  /** US dollars; `undefined` where the price is not known. */
  readonly cost: number | undefined;
}

/** Sampled rows whose prompts are too long for the model. */
export interface TooLongRows {
  readonly rows: number;
  /** Most input tokens that the model takes. */
  readonly maxInputTokens: number;
}

/** What the prompts of all rows share. */
export interface SharedPrefix {
  readonly tokens: number;
  /** Whether requests mark it, so that it is kept for sure; it is in the cost only then. */
  readonly isMarked: boolean;
}

/** The usage of all sampled rows, counted here or as it was answered. */
export interface SampleUsage {
  readonly rows: readonly RowUsage[];
  /** The same rows as if each were asked alone; missing where they are, and where they were asked for real. */
  readonly alone?: readonly RowUsage[];
  /** How the input tokens were found. */
  readonly method: string;
  /** Whether the prompts have images that are not in the input tokens. */
  readonly withoutImages: boolean;
  /** Rows that do not fit; missing where there are none, where the rows were asked, or where the model is not known. */
  readonly tooLong?: TooLongRows;
  /** What the rows read from a prompt cache, and one of them writes to it; missing where nothing is kept. */
  readonly prefix?: SharedPrefix;
  /** How the output tokens were found. With `unknown`, `usage` has no output tokens. */
  readonly output:
    | { readonly basis: "asked" | "unknown" }
    | { readonly basis: "assumed" | "cap"; readonly tokensPerRow: number }
    | { readonly basis: "journal"; readonly tokensPerRow: number; readonly rows: number };
  /** Sampled rows that failed. */
  readonly failed: number;
  /** Code and message of the first failure, to show. */
  readonly firstFailure: string | undefined;
}
