import { isParrotError } from "@parallel-parrot/core";
import type { Clock } from "@parallel-parrot/limiter";
import type { Call } from "@parallel-parrot/providers";
import type { Outcome } from "../../errors/outcome.ts";
import { RejectionError } from "../../errors/rejection-error.ts";
import { isKeyError, isRefused } from "../../errors/verdict.ts";
import { exchange } from "../../request/exchange.ts";
import { Lease, type LeaseOwner } from "../../request/lease.ts";
import { RoutedRequest } from "../../request/routed-request.ts";
import { RowContext } from "../../request/row-context.ts";
import type { Signals } from "../../waiting/signals.ts";
import { refuseRowAfterRow, type PoolMember } from "./pool-member.ts";

/**
 * Checks members that stand aside because they fail: it asks them what was answered before. A row that a member cannot
 * answer would tell nothing, and no row has to wait for a member that does not answer at all.
 */
export class HealthChecker implements LeaseOwner<PoolMember> {
  readonly #members: readonly PoolMember[];
  readonly #clock: Clock;
  readonly #running = new Map<PoolMember, Promise<void>>();
  readonly #end = new AbortController();
  readonly #signals: Signals = { waiting: this.#end.signal, all: this.#end.signal };
  #fault: { readonly error: unknown } | undefined;

  constructor(members: readonly PoolMember[], clock: Clock) {
    this.#members = members;
    this.#clock = clock;
  }

  /** What a member is checked with; `undefined` where the request of a row has to show whether it answers. */
  callFor({ health, shortest }: PoolMember): Call | undefined {
    if (!health.isFailing) return undefined;
    if (shortest !== undefined) return shortest.call;
    // The first failure of a new member may be the fault of the row.
    return health.isKnownToFail || health.isRefusing ? this.#shortestOfAll() : undefined;
  }

  /** Begins to check the members whose trial is due. Rows do not wait for that. */
  startDue(): void {
    if (this.#fault !== undefined) throw this.#fault.error;
    const now = this.#clock.now();
    for (const member of this.#members) {
      if (member.health.isDue(now)) void this.check(member);
    }
  }

  /** Resolves when it is known whether the member answers. */
  check(member: PoolMember): Promise<void> {
    const running = this.#running.get(member);
    const call = this.callFor(member);
    if (running !== undefined || call === undefined) return running ?? Promise.resolve();
    const ended = this.#ask(member, call)
      .catch((error: unknown) => this.#judge(member, error))
      .finally(() => this.#running.delete(member));
    this.#running.set(member, ended);
    return ended;
  }

  /** Ends the checks that are on their way. */
  async close(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#running.values());
  }

  admits(): boolean {
    return true;
  }

  stopped(lease: Lease<PoolMember>, error: RejectionError): void {
    lease.endpoint.stopped(lease, error);
  }

  answered({ endpoint }: Lease<PoolMember>): void {
    endpoint.health.evidence.answeredOne();
  }

  ended(lease: Lease<PoolMember>, outcome: Outcome, failure: unknown): void {
    // A check that ends because the run does has shown nothing.
    if (!this.#end.signal.aborted) lease.endpoint.ended(lease, outcome, failure);
  }

  async #ask(member: PoolMember, call: Call): Promise<void> {
    // What a check costs belongs to no row, only to the run.
    const routed = new RoutedRequest(call, 0, new RowContext(1));
    for (;;) {
      const lease = new Lease(member, routed, this);
      member.beginTrial(lease, "check");
      try {
        await exchange(await lease.acquire(this.#signals.waiting), this.#signals);
        return;
      } catch (error) {
        if (!routed.amend(member, error)) throw error;
      }
    }
  }

  #judge(member: PoolMember, error: unknown): void {
    if (this.#end.signal.aborted) return;
    if (error instanceof RejectionError) {
      // The same request would be refused again.
      if (!isRefused(error)) return;
      member.shortest = undefined;
      if (refuseRowAfterRow(this.#members)) member.health.leave(member.health.reason ?? error.rejection);
    } else if (isKeyError(error)) member.health.leave(error);
    else if (!isParrotError(error)) this.#fault = { error };
  }

  #shortestOfAll(): Call | undefined {
    const answered = this.#members.flatMap(({ shortest }) => shortest ?? []);
    return answered.toSorted((a, b) => a.length - b.length)[0]?.call;
  }
}
