import type { Charge, LimitReading } from "./charge.ts";
import type { Clock } from "./clock.ts";
import type { LimitState } from "./limiter-state.ts";
import type { LimiterOptions } from "./options.ts";
import type { Permit } from "./permit.ts";
import { RateLimiter } from "./rate-limiter.ts";

/** Paces requests right at the rate limits; see {@linkcode createLimiter}. */
export interface Limiter {
  /**
   * Waits until a request of this charge may be sent. Rejects with {@linkcode NeverFitsError} when it never may,
   * or with the signal's reason.
   */
  reserve(charge: Charge, options?: { readonly signal?: AbortSignal | undefined }): Promise<Permit>;
  /**
   * A permit at once, where the request may be sent now and nobody who is entitled to it waits.
   *
   * @throws NeverFitsError
   */
  tryReserve(charge: Charge): Permit | undefined;
  /** Takes over limits that a response told. */
  learn(readings: readonly LimitReading[]): void;
  /** The limits known and how much of each is in use. */
  readonly limits: readonly LimitState[];
  /** Requests a minute found from refusals; `undefined` while the server has refused nothing that still counts. */
  readonly discoveredPerMinute: number | undefined;
  /** Requests allowed in flight now. */
  readonly concurrency: number;
  /** Requests sent and not yet settled, refunded or throttled. */
  readonly inFlight: number;
  /** Requests waiting for their turn. */
  readonly waiting: number;
  /** The clock that everything goes by. */
  readonly clock: Clock;
}

/**
 * Makes a limiter: any number of limits at once, with reservation and settlement, paced so that a server never
 * sees a burst. Limits are told, learned from responses, or discovered from refusals; a server that refuses
 * nothing and only slows down is found out by its throughput. One limiter may serve any number of callers.
 */
export function createLimiter(options: LimiterOptions = {}): Limiter {
  return new RateLimiter(options);
}
