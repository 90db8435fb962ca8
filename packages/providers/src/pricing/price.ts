/** What tokens cost, in US dollars per million. */
export interface Rates {
  readonly input: number;
  readonly output: number;
  /** For input read from the prompt cache. @default `input` */
  readonly cachedInput?: number;
  /** For input written to the prompt cache. @default `input` */
  readonly cacheWrite?: number;
}

/** The price of a model's tokens, and how many tokens there can be. */
export interface Price extends Rates {
  /** The rates for all tokens of a request that has more than `over` input tokens. */
  readonly longContext?: Rates & { readonly over: number };
  /** The most tokens that one choice can have, with its reasoning. Bounds the cost of a request without a limit. */
  readonly maxOutputTokens?: number;
  readonly maxInputTokens?: number;
}
