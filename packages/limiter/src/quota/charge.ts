/** What a rate limit counts. */
export type Dimension = "requests" | "tokens" | "inputTokens" | "outputTokens";

/** Amounts per dimension. */
export type Charge = Readonly<Partial<Record<Dimension, number>>>;

/** One limit as a response told it. */
export interface LimitReading {
  readonly dimension: Dimension;
  readonly windowMs: number;
  readonly limit?: number;
  readonly remaining?: number;
}
