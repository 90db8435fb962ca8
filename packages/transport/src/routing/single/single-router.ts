import { blockedRow } from "../../errors/blocked-row.ts";
import type { Outcome } from "../../errors/outcome.ts";
import { RejectionError } from "../../errors/rejection-error.ts";
import { sameRefusal } from "../../errors/same-refusal.ts";
import { isStop, mayBeEverybodys, mayBeRowsOwn } from "../../errors/verdict.ts";
import type { ResolvedOptions } from "../../options.ts";
import type { Endpoint } from "../../request/endpoint.ts";
import { exchange } from "../../request/exchange.ts";
import { Lease, type Admission, type LeaseOwner } from "../../request/lease.ts";
import { RoutedRequest } from "../../request/routed-request.ts";
import { RowContext } from "../../request/row-context.ts";
import type { Signals } from "../../waiting/signals.ts";
import { createCircuitBreaker, type CircuitBreaker } from "./circuit-breaker.ts";
import type { RunWait } from "../../run-wait.ts";
import { longWaitError } from "../long-wait.ts";
import { RefusedRows } from "./refused-rows.ts";
import type { Router } from "../router.ts";

/** Options of {@linkcode SingleRouter}. */
export type SingleRouterOptions = Pick<ResolvedOptions, "maxOutageMs" | "maxWaitMs">;

/** Sends everything to one endpoint, behind a circuit breaker that holds all rows back while the server is away. */
export class SingleRouter implements Router<Endpoint>, LeaseOwner<Endpoint> {
  readonly endpoints: readonly [Endpoint];
  readonly outage: CircuitBreaker;
  readonly semaphore = undefined;
  readonly members: readonly [] = [];
  readonly #refused: RefusedRows;
  /** The row of checks: what they cost belongs to no row, only to the run. */
  readonly #checkRow = new RowContext(1);
  readonly #maxWaitMs: number;
  /** Ends all waits for the rate limit, where they would be too long. */
  readonly #tooLong = new AbortController();
  /** The signal of the rows that was asked for last, together with that of the router. */
  #ends: { readonly of: AbortSignal; readonly signal: AbortSignal } | undefined;

  constructor(endpoint: Endpoint, { maxOutageMs, maxWaitMs }: SingleRouterOptions) {
    this.endpoints = [endpoint];
    this.#maxWaitMs = maxWaitMs;
    this.outage = createCircuitBreaker({
      clock: endpoint.limiter.clock,
      maxOutageMs,
      changed: (isOpen, message) => endpoint.breakerWatch.tell(isOpen, message),
      server: endpoint.provider.baseUrl,
      canCheck: () => endpoint.shortest !== undefined,
    });
    this.#refused = new RefusedRows(endpoint.refusals, () => this.outage.doubt());
  }

  get waiting(): number {
    const [{ limiter, spendTracker, warmUp }] = this.endpoints;
    return this.outage.waiting + warmUp.waiting + limiter.waiting + (spendTracker.budget?.waiting ?? 0);
  }

  get waits(): readonly RunWait[] {
    const [endpoint] = this.endpoints;
    return [
      this.outage.wait,
      endpoint.limitWait(),
      endpoint.answerWait(),
      endpoint.limiter.waiting > 0 ? undefined : endpoint.spendTracker.budget?.wait,
    ].filter((wait) => wait !== undefined);
  }

  get cost(): number | undefined {
    return this.endpoints[0].spendTracker.cost;
  }

  pick(routed: RoutedRequest, signals: Signals): Lease | Promise<Lease> {
    const [endpoint] = this.endpoints;
    const lease = new Lease(endpoint, routed, this);
    const isFree = this.outage.isClosed && routed.row.refusals === undefined;
    if (!isFree || !endpoint.warmUp.admits(lease)) return this.#acquireAdmitted(lease, signals);
    endpoint.warmUp.begin(lease);
    return this.#acquire(lease, signals);
  }

  failed(error: unknown, { row }: Lease): void {
    const [{ refusals }] = this.endpoints;
    if (mayBeRowsOwn(error) && refusals.isRowsOwn(row)) throw blockedRow(error, row.index);
    // Otherwise it is found out whether the refusal is everybody's, and this row waits for that.
    if (!isStop(error) || !(this.outage.isOpen || this.#refused.has(row))) throw error;
  }

  found(): void {
    this.outage.wasAlive();
  }

  async forgives(row: RowContext, signals: Signals): Promise<boolean> {
    const { outage } = this;
    if (!outage.suspect(row)) return false;
    const { outages } = outage;
    outage.report(row, "nothing", await this.#admit(row, signals));
    return outage.isOpen || outage.outages > outages;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  admits({ admission }: Lease): boolean {
    return this.outage.admits(admission);
  }

  /** Stops the run. Where it may be the row's own affair, that is found out first, and all others are held back. */
  stopped({ row, admission }: Lease, error: RejectionError): void {
    const [{ refusals, shortest }] = this.endpoints;
    if (!mayBeRowsOwn(error)) this.outage.stop(error);
    else if (admission?.kind === "check") {
      if (this.outage.isCheckBelieved()) this.outage.stop(error);
    } else if (shortest !== undefined && !refusals.isRowsOwn(row)) this.#refused.add(row);
  }

  answered(): void {
    // The circuit breaker hears of it when the lease ends.
  }

  ended(lease: Lease, outcome: Outcome, failure: unknown): void {
    const { row, admission, wasAnswered } = lease;
    this.endpoints[0].warmUp.ended(lease, wasAnswered);
    if (mayBeEverybodys(failure)) this.#askWhetherAll(failure, admission);
    this.outage.report(row, outcome, admission, failure instanceof Error ? failure.message : "");
    this.#refused.look();
    // What it took may be the last of a limit.
    if (this.endpoints[0].limiter.waiting > 0) this.#endLongWait();
  }

  /** Finds out whether the server refuses everybody, once it has refused many rows with the same words. */
  #askWhetherAll(error: RejectionError, admission: Admission | undefined): void {
    const [{ sameRefusals, shortest }] = this.endpoints;
    if (!sameRefusals.areTooMany) return;
    if (shortest === undefined || admission?.kind === "check")
      this.outage.stop(sameRefusal(error, sameRefusals.count));
    else this.outage.doubt();
  }

  async #acquireAdmitted(lease: Lease, signals: Signals): Promise<Lease> {
    const [{ warmUp }] = this.endpoints;
    await this.#refused.wait(lease.row, signals.waiting);
    while (!warmUp.admits(lease)) await warmUp.wait(signals.waiting);
    warmUp.begin(lease);
    try {
      const { row, endpoint } = lease;
      lease.admission = this.outage.isClosed
        ? undefined
        : await endpoint.events.waiting("outage", row, this.#admit(row, signals));
    } catch (error) {
      warmUp.ended(lease, false);
      throw error;
    }
    return this.#acquire(lease, signals);
  }

  /** Waits for the turn of a lease at the rate limit, unless that is too long. */
  #acquire(lease: Lease, { waiting }: Signals): Lease | Promise<Lease> {
    if (this.#ends?.of !== waiting)
      this.#ends = { of: waiting, signal: AbortSignal.any([waiting, this.#tooLong.signal]) };
    const acquired = lease.acquire(this.#ends.signal);
    if (acquired instanceof Promise) this.#endLongWait();
    return acquired;
  }

  #endLongWait(): void {
    const error = longWaitError(this.endpoints[0].limiter, this.#maxWaitMs);
    if (error !== undefined) this.#tooLong.abort(error);
  }

  /** Waits until a row is let through. Where a check is wanted meanwhile, this row sends it. */
  async #admit(row: RowContext, signals: Signals): Promise<Admission> {
    for (;;) {
      const admission = await this.outage.enter(row, signals.waiting);
      if (admission.kind !== "check") return admission;
      try {
        await this.#check(admission, signals);
      } catch (error) {
        const isHeld = this.outage.isOpen || !isStop(error);
        if (!(error instanceof RejectionError && isHeld)) throw error;
      }
    }
  }

  async #check(admission: Admission, signals: Signals): Promise<void> {
    const [endpoint] = this.endpoints;
    if (endpoint.shortest === undefined) return;
    const lease = new Lease(endpoint, new RoutedRequest(endpoint.shortest.call, 0, this.#checkRow), this);
    lease.admission = admission;
    await exchange(await this.#acquire(lease, signals), signals);
  }
}
