import type { Limit } from "./rate-limits.ts";

/** One limit in force and how much of it is in use. */
export interface LimitState extends Limit {
  /** Part of the limit taken in the last window: 0 to 1, reserved amounts included. */
  readonly use: number;
}
