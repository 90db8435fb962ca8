/** What the server saw in the steady part of a run. */
export interface LimitStats {
  /** Of the tokens that the limit would have allowed, the share that was admitted. */
  readonly used: number;
  /** Of all requests, the share that was answered 429. */
  readonly refused: number;
  readonly requests: number;
  /** Of the tokens that the limit would have allowed, the share that was admitted in each {@linkcode STEP_MS}. */
  readonly usedByStep: readonly number[];
}

export const STEP_MS = 5000;
