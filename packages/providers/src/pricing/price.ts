/** What tokens cost, in US dollars per million. */
export interface Rates {
  readonly input: number;
  readonly output: number;
  /** Input read from the prompt cache. @default as `input` */
  readonly cachedInput?: number;
  /** Input written to the prompt cache. @default as `input` */
  readonly cacheWrite?: number;
}

/** The price of a model's tokens, and what is known of how many there can be. */
export interface Price extends Rates {
  /** What all tokens of a request cost that has more than `over` input tokens. */
  readonly longContext?: Rates & { readonly over: number };
  /** Most tokens of one choice, reasoning included: what a request without a cap can cost. */
  readonly maxOutputTokens?: number;
  readonly maxInputTokens?: number;
}
