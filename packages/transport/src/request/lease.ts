import type { Permit } from "@parallel-parrot/limiter";
import type { Call, Charge, Estimate, ProviderRequest } from "@parallel-parrot/providers";
import type { Spending } from "../budget/amounts.ts";
import type { Reservation } from "../budget/budget.ts";
import type { Expense } from "../budget/spend-tracker.ts";
import type { Outcome } from "../errors/outcome.ts";
import { rejectReserve, type RejectionError } from "../errors/rejection-error.ts";
import type { BuiltRequest } from "./built-request.ts";
import type { Endpoint } from "./endpoint.ts";
import type { RoutedRequest } from "./routed-request.ts";
import type { RowContext } from "./row-context.ts";

/**
 * How a request was let through while it was in doubt whether the endpoint answers: a `row` of those that come back
 * after an outage, a `probe` that is to show whether it answers, or a `check` that repeats what was answered before.
 */
export interface Admission {
  readonly kind: "row" | "probe" | "check";
  /** The opening of the circuit breaker that it belongs to. */
  readonly period: number;
}

/** Who gives leases out, and learns what becomes of them. */
export interface LeaseOwner<E extends Endpoint> {
  /** Whether the request may still be sent, now that its turn has come. */
  admits(lease: Lease<E>): boolean;
  /** The response is a cause that no row survives. This is called before the permit goes to the next request. */
  stopped(lease: Lease<E>, error: RejectionError): void;
  /** The request was answered. */
  answered(lease: Lease<E>): void;
  /** The lease is over, whether the request was sent or not. */
  ended(lease: Lease<E>, outcome: Outcome, failure: unknown): void;
}

/**
 * The right to send one request to one endpoint: once it is granted it holds a permit of the limiter and a
 * reservation of the budget, and {@linkcode exchange} gives both back. A class for the reason of core's `Slot`.
 */
export class Lease<E extends Endpoint = Endpoint> {
  readonly endpoint: E;
  readonly routed: RoutedRequest;
  readonly built: BuiltRequest;
  readonly owner: LeaseOwner<E>;
  readonly estimate: Estimate;
  /** How much it takes of the rate limits. */
  readonly charge: Charge;
  /** The most that it may take of the budget; `undefined` where there is none. */
  readonly worst: Spending | undefined;
  /** `undefined` where the endpoint is known to answer. */
  admission: Admission | undefined;
  wasSent = false;
  /** How many refusals the endpoint had given when this was sent. */
  refusalsBefore = 0;
  wasAnswered = false;
  #permit: Permit | undefined;
  #expense: Expense | undefined;

  /** Throws where the endpoint cannot be asked this. */
  constructor(endpoint: E, routed: RoutedRequest, owner: LeaseOwner<E>) {
    this.endpoint = endpoint;
    this.routed = routed;
    this.built = routed.buildFor(endpoint);
    this.owner = owner;
    this.estimate = endpoint.estimate(this.built);
    this.charge = endpoint.provider.chargeUpFront(this.estimate);
    this.worst = endpoint.spendTracker.worstOf(this);
  }

  get call(): Call {
    return this.built.call;
  }

  get request(): ProviderRequest {
    return this.built.request;
  }

  get row(): RowContext {
    return this.routed.row;
  }

  get permit(): Permit {
    return granted(this.#permit);
  }

  get expense(): Expense {
    return granted(this.#expense);
  }

  /** Grants it with what was reserved for it already. */
  grant(permit: Permit, reservation: Reservation): void {
    this.#permit = permit;
    this.#expense = this.endpoint.spendTracker.open(this, reservation);
  }

  /** Sets aside what it may take of the budget, then waits for its turn at the rate limit. At once where both are free. */
  acquire(signal: AbortSignal): this | Promise<this> {
    const { spendTracker, limiter } = this.endpoint;
    try {
      const reservation = spendTracker.tryReserve(this.worst);
      if (reservation === undefined) return this.#wait(signal);
      this.#expense = spendTracker.open(this, reservation);
      this.#permit = limiter.tryReserve(this.charge);
      return this.#permit === undefined ? this.#wait(signal) : this;
    } catch (error) {
      throw this.#giveUp(error);
    }
  }

  async #wait(signal: AbortSignal): Promise<this> {
    const { spendTracker, limiter, events } = this.endpoint;
    try {
      this.#expense ??= spendTracker.open(
        this,
        await events.waiting("budget", this.row, spendTracker.reserve(this.worst, signal)),
      );
      // This comes second, as a request that waits for the budget must not hold up others at the rate limit.
      this.#permit = await events.waiting("limit", this.row, limiter.reserve(this.charge, { signal }));
      return this;
    } catch (error) {
      throw this.#giveUp(error);
    }
  }

  #giveUp(cause: unknown): unknown {
    const error = rejectReserve(cause);
    this.#expense?.failed(error);
    this.owner.ended(this, "nothing", error);
    return error;
  }
}

function granted<T>(held: T | undefined): T {
  if (held === undefined) throw new Error("A lease was used before it was granted");
  return held;
}
