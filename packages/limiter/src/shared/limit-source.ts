import type { Charge } from "../quota/charge.ts";
import type { LimitState } from "../quota/limit-state.ts";
import type { Limit } from "../quota/rate-limits.ts";

/**
 * Where limits are kept that several limiters share, such as those of many processes and machines. It counts for all of
 * them, and each limiter sends what it was granted. Where it does not answer, nothing is sent.
 */
export interface LimitSource {
  /**
   * Asks for what may be sent in the next `everyMs`. A limiter makes one call at a time: about four a second while it has
   * something to send or to say, and none otherwise. A call that fails is made again where somebody waits,
   * with what is owed and without what was to be given back.
   */
  lease(request: LeaseRequest): Promise<Lease>;
}

/** What a limiter wants, owes, gives back and has been told since the call before. */
export interface LeaseRequest {
  /** For how long the lease is asked; it is the time until the next call, too. */
  readonly everyMs: number;
  /** Limits that the caller of the limiter knows: in each request all of them. */
  readonly told: readonly Limit[];
  /** Limits that responses have told since the last call that was answered. */
  readonly learned: readonly Limit[];
  /** All that could be sent in that time. Empty where nothing waits. */
  readonly want: Charge;
  /** The request that waits first: it is granted whole or not at all. */
  readonly unit: Charge;
  /** What requests took more (or less, below 0) than was granted for them, and grants that were not used (below 0). */
  readonly back: Charge;
  /** The refusals since the last call that was answered. */
  readonly refusal: SharedRefusal | undefined;
}

/** That the server refused for a rate limit, as it is told to all who share it. */
export interface SharedRefusal {
  /** How long all have to pause, from now. */
  readonly pauseMs: number;
  /** How long ago the refused request was sent. */
  readonly sentAgoMs: number;
}

/** What may be sent. */
export interface Lease {
  /** Amounts for all dimensions that are limited, also where it is 0; a dimension that is absent is not limited. */
  readonly granted: Charge;
  /** Where `unit` was not granted: milliseconds until it may be, as far as is known. */
  readonly waitMs: number;
  /** Milliseconds for which everybody pauses after a refusal. */
  readonly pauseMs: number;
  /** The limits in force, and how much all together use of each. */
  readonly limits: readonly LimitState[];
}
