/** One limit of the server. Times are milliseconds of the shortened time. */
export interface Meter {
  /** How long until an amount may be taken; 0 for at once. */
  waitFor(amount: number, now: number): number;
  take(amount: number, now: number): void;
  remaining(now: number): number;
  /** How long until nothing is in use. */
  resetIn(now: number): number;
}

export const MINUTE_MS = 60_000;
