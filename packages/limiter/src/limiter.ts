import type { Charge, LimitReading } from "./quota/charge.ts";
import type { Clock } from "./time/clock.ts";
import type { LimitState } from "./quota/limit-state.ts";
import type { Permit } from "./permit.ts";
import type { Wait } from "./wait.ts";

/** Paces requests right at the rate limits; see {@linkcode createLimiter}. */
export interface Limiter {
  /**
   * Waits until a request of this charge may be sent. Rejects with {@linkcode NeverFitsError} where it never may be,
   * or with the signal's reason.
   */
  reserve(charge: Charge, options?: { readonly signal?: AbortSignal | undefined }): Promise<Permit>;
  /**
   * A permit at once, where the request may be sent now and nobody waits who comes before it.
   *
   * @throws NeverFitsError
   */
  tryReserve(charge: Charge): Permit | undefined;
  /** Takes over limits that a response told. */
  learn(readings: readonly LimitReading[]): void;
  /**
   * Takes over how many requests the server works on at once, as the number in flight to begin with. It grows from
   * there while throughput does. Too late once answers have shown how many are of use. A limiter of one's own may do
   * without it.
   */
  startWith?(concurrency: number): void;
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
  /**
   * What they wait for, and until when, or what the last `tryReserve` would have had to wait for; `undefined` where
   * nobody waits, or only for another request to be done. A limiter of one's own may do without it.
   */
  readonly waitingFor?: Wait | undefined;
  /** The clock by which all of it is timed. */
  readonly clock: Clock;
}
