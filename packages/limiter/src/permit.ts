import type { Charge, LimitReading } from "./quota/charge.ts";

/** Permission to send one request. Close it exactly once: only the first call of one of its methods counts. */
export interface Permit extends Disposable {
  /** What was reserved. */
  readonly charge: Charge;
  /** When it was given, by the limiter's clock. */
  readonly sentAt: number;
  /**
   * The request was processed and took this much.
   *
   * @param output how much work the answer was, such as output tokens, so that a long answer is not taken for a
   * slow server. @default 1
   */
  settle(actual: Charge, output?: number): void;
  /** The request was not processed: the limiter takes its reservation back. */
  refund(): void;
  /** The server refused the request because of a rate limit. Refunds it, and slows everything down, once for a burst of refusals. */
  throttle(refusal?: Refusal): void;
  /** The same as `refund`, for `using permit = …`. */
  [Symbol.dispose](): void;
}

/** How a server refused. */
export interface Refusal {
  /** How long the server asks to wait, counted from its response. @default the limiter's own backoff, with jitter */
  readonly retryAfterMs?: number | undefined;
  /** The limit that the server names. It is told by `waitingFor`; to pace by it, `learn` it. */
  readonly limit?: LimitReading | undefined;
  /** What the server says, for `waitingFor`. */
  readonly message?: string | undefined;
}

/** What a permit reports to. */
export interface PermitOwner {
  settled(permit: OwnedPermit, actual: Charge, output: number): void;
  refunded(permit: OwnedPermit): void;
  throttled(permit: OwnedPermit, refusal: Refusal): void;
}

/** A permit of a limiter. A class and not an object literal, as there may be thousands a second. */
export class OwnedPermit implements Permit {
  readonly charge: Charge;
  readonly sentAt: number;
  /** Counted from 0. */
  readonly number: number;
  #owner: PermitOwner | undefined;

  constructor(owner: PermitOwner, number: number, charge: Charge, sentAt: number) {
    this.#owner = owner;
    this.number = number;
    this.charge = charge;
    this.sentAt = sentAt;
  }

  settle(actual: Charge, output = 1): void {
    this.#close()?.settled(this, actual, output);
  }

  refund(): void {
    this.#close()?.refunded(this);
  }

  throttle(refusal: Refusal = {}): void {
    this.#close()?.throttled(this, refusal);
  }

  [Symbol.dispose](): void {
    this.refund();
  }

  #close(): PermitOwner | undefined {
    const owner = this.#owner;
    this.#owner = undefined;
    return owner;
  }
}
