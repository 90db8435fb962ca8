import type { Clock } from "@parallel-parrot/limiter";
import type { Budget } from "../../budget/budget.ts";
import { blockedRow } from "../../errors/blocked-row.ts";
import { policyOf } from "../../errors/error-policy.ts";
import type { Outcome } from "../../errors/outcome.ts";
import { RejectionError } from "../../errors/rejection-error.ts";
import {
  isKeyError,
  isMembersRefusal,
  isStop,
  isThrottled,
  isTransient,
  mayBeEverybodys,
  mayBeRowsOwn,
} from "../../errors/verdict.ts";
import type { EventPublisher } from "../../events/event-publisher.ts";
import type { EndpointOptions } from "../../request/endpoint.ts";
import type { Lease, LeaseOwner } from "../../request/lease.ts";
import type { RoutedRequest } from "../../request/routed-request.ts";
import type { RowContext } from "../../request/row-context.ts";
import { Semaphore } from "../../waiting/semaphore.ts";
import type { Signals } from "../../waiting/signals.ts";
import { MemberHealth } from "./member-health.ts";
import { HealthChecker } from "./health-checker.ts";
import { Picker } from "./picker.ts";
import type { MemberProgress } from "../../progress.ts";
import { PoolMember, refuseRowAfterRow } from "./pool-member.ts";
import { PoolOutage } from "./pool-outage.ts";
import { inOrder, type RunWait } from "../../run-wait.ts";
import { longWaitError } from "../long-wait.ts";
import type { Router } from "../router.ts";
import { RowFailures } from "./row-failures.ts";

/** Options of a {@linkcode PoolRouter}. */
export interface PoolRouterOptions {
  readonly members: readonly (EndpointOptions & { readonly name: string })[];
  readonly clock: Clock;
  readonly budget: Budget | undefined;
  /** Most requests on their way at once. The limiter of each member allows as many, as it may be the only one left. */
  readonly concurrency: number;
  /** How long a member that fails is waited for. */
  readonly maxOutageMs: number;
  /** How long requests wait for the limit of a member. */
  readonly maxWaitMs: number;
  readonly events: EventPublisher;
}

/** Sends each request to the member of a pool that has most room. A member in trouble stands aside for the others. */
export class PoolRouter implements Router<PoolMember>, LeaseOwner<PoolMember> {
  readonly endpoints: readonly PoolMember[];
  readonly outage: PoolOutage;
  readonly semaphore: Semaphore;
  readonly #budget: Budget | undefined;
  readonly #checker: HealthChecker;
  readonly #failures: RowFailures;
  readonly #picker: Picker;
  readonly #maxWaitMs: number;
  readonly #events: EventPublisher;

  constructor({ members, clock, budget, concurrency, maxOutageMs, maxWaitMs, events }: PoolRouterOptions) {
    this.#events = events;
    const changed = (change?: { readonly wasAway: boolean }): void => {
      this.outage.changed(change);
      this.#picker.queue.changed();
    };
    this.#maxWaitMs = maxWaitMs;
    this.endpoints = members.map((options) => {
      const member: PoolMember = new PoolMember({
        ...options,
        health: new MemberHealth({
          clock,
          maxOutageMs,
          changed: (change) => {
            changed(change);
            const { state, reason } = member.health;
            member.breakerWatch.tell(state === "aside" || state === "gone", reason?.message);
          },
        }),
      });
      return member;
    });
    this.outage = new PoolOutage(this.endpoints, clock);
    this.semaphore = new Semaphore(concurrency);
    this.#budget = budget;
    this.#checker = new HealthChecker(this.endpoints, clock);
    this.#failures = new RowFailures({ members: this.endpoints, clock, checker: this.#checker });
    this.#picker = new Picker({
      members: this.endpoints,
      clock,
      budget,
      checker: this.#checker,
      outage: this.outage,
      failures: this.#failures,
      owner: this,
    });
  }

  get waiting(): number {
    return this.#picker.queue.length + this.semaphore.waiting;
  }

  get waits(): readonly RunWait[] {
    const isAtLimit = this.endpoints.some(({ limiter }) => limiter.waiting > 0);
    const waits = [
      this.outage.wait,
      ...this.endpoints.flatMap((member) => [member.limitWait(member.name), member.answerWait()]),
      isAtLimit ? undefined : this.#budget?.wait,
    ].filter((wait) => wait !== undefined);
    return inOrder(waits);
  }

  /** In US dollars; `undefined` where the price of a member that was asked is not known. */
  get cost(): number | undefined {
    let sum = 0;
    for (const { spendTracker } of this.endpoints) {
      const cost = spendTracker.usage.requests === 0 ? 0 : spendTracker.cost;
      if (cost === undefined) return undefined;
      sum += cost;
    }
    return sum;
  }

  get members(): readonly MemberProgress[] {
    return this.endpoints.map((member) => member.progress());
  }

  pick(routed: RoutedRequest, { waiting }: Signals): Lease<PoolMember> | Promise<Lease<PoolMember>> {
    const picked = this.#picker.pick(routed, waiting);
    return picked instanceof Promise
      ? this.#events.waiting(this.outage.isOpen ? "outage" : "limit", routed.row, picked)
      : picked;
  }

  failed(error: unknown, { endpoint: member, routed, admission }: Lease<PoolMember>): void {
    if (isKeyError(error)) return member.health.leave(error);
    if (isMembersRefusal(error)) {
      for (const each of this.endpoints) if (each.isLike(member)) routed.exclude(each, error);
      return;
    }
    if (mayBeRowsOwn(error) && member.refusals.isRowsOwn(routed.row))
      return routed.exclude(member, blockedRow(error, routed.row.index));
    if (isStop(error) || isThrottled(error)) return;
    if (!isTransient(error)) throw error;
    this.#failures.note(routed.row, member);
    // A trial concerns the member, and costs the row no attempt.
    if (admission === undefined) throw this.#hasAnother(member, routed) ? withoutHint(error) : error;
  }

  found({ health }: PoolMember): void {
    health.answeredBefore = true;
  }

  async forgives(row: RowContext, { waiting }: Signals): Promise<boolean> {
    return this.outage.isOpen || this.#failures.areForgiven(row, waiting);
  }

  close(): Promise<void> {
    return this.#checker.close();
  }

  admits(): boolean {
    // A member that stepped aside meanwhile is found out by the answer.
    return true;
  }

  stopped(lease: Lease<PoolMember>, error: RejectionError): void {
    const { endpoint: member, routed, row } = lease;
    if (!mayBeRowsOwn(error)) member.stopped(lease, error);
    else if (!member.refusals.isRowsOwn(row)) this.#refused(member, routed, error);
  }

  answered({ endpoint: member, routed }: Lease<PoolMember>): void {
    member.health.evidence.answeredOne();
    this.#failures.answered(routed.row, member);
    if (routed.hasExclusions) this.#tellOutdone(routed);
  }

  ended(lease: Lease<PoolMember>, outcome: Outcome, failure: unknown): void {
    const { endpoint: member } = lease;
    const hasHeldBack = member.warmUp.ended(lease, lease.wasAnswered);
    member.ended(lease, outcome, failure);
    if (hasHeldBack) this.#picker.queue.changed();
    const tooLong = longWaitError(member.limiter, this.#maxWaitMs);
    if (tooLong !== undefined) member.health.refused(tooLong.rejection, false);
    if (mayBeEverybodys(failure) && refuseRowAfterRow(this.endpoints))
      for (const each of this.endpoints) each.doubtSameRefusals(failure);
  }

  /** Finds out whether a refusal that may be everybody's is one row's own. */
  #refused(member: PoolMember, routed: RoutedRequest, error: RejectionError): void {
    if (this.endpoints.some(({ shortest }) => shortest !== undefined))
      member.health.doubtRefusal(error.rejection);
    // Nothing was answered yet: another row has to show it. This one asks the other members first.
    else if (member.isFirstRefused(routed.row)) routed.exclude(member, error);
    else member.health.leave(error.rejection);
  }

  #hasAnother(member: PoolMember, routed: RoutedRequest): boolean {
    return this.endpoints.some(
      (each) => each !== member && each.health.isActive && routed.exclusionOf(each) === undefined,
    );
  }

  /** Notes that another member has answered what these have refused: they may be at fault, and not the row. */
  #tellOutdone(routed: RoutedRequest): void {
    for (const member of this.endpoints) {
      const error = routed.exclusionOf(member);
      if (mayBeRowsOwn(error)) member.health.leave(error.rejection);
      else if (error instanceof RejectionError && policyOf(error.rejection.code).mayBeMembersFault === true)
        member.health.outdone(error.rejection);
    }
  }
}

/** The error without the time to wait: how long one member wants to be left alone does not concern the others. */
function withoutHint(error: RejectionError): RejectionError {
  const { retryAfterMs: _, ...rejection } = error.rejection;
  return new RejectionError(rejection, error.cause);
}
