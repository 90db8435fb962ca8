import type { Clock, Permit } from "@parallel-parrot/limiter";
import type { Budget } from "../../budget/budget.ts";
import { rejectReserve } from "../../errors/rejection-error.ts";
import { isMembersRefusal } from "../../errors/verdict.ts";
import { Lease, type LeaseOwner } from "../../request/lease.ts";
import type { RoutedRequest } from "../../request/routed-request.ts";
import { requireAskable } from "../exclusions.ts";
import type { HealthChecker } from "./health-checker.ts";
import { PickQueue, Shortlist, type Granter } from "./pick-queue.ts";
import type { PoolMember } from "./pool-member.ts";
import type { PoolOutage } from "./pool-outage.ts";
import { Purse } from "./purse.ts";
import type { RowFailures } from "./row-failures.ts";

/** What {@linkcode Picker} goes by. */
export interface PickerOptions {
  readonly members: readonly PoolMember[];
  readonly clock: Clock;
  readonly budget: Budget | undefined;
  readonly checker: HealthChecker;
  readonly outage: PoolOutage;
  readonly failures: RowFailures;
  readonly owner: LeaseOwner<PoolMember>;
}

type PoolLease = Lease<PoolMember>;

/** Picks the member with most room for each request; where none has room, the first that gets some. */
export class Picker implements Granter {
  readonly queue: PickQueue;
  readonly #options: PickerOptions;

  constructor(options: PickerOptions) {
    this.#options = options;
    this.queue = new PickQueue(options.members, options.clock);
  }

  /** A granted lease: at once where a member has room. Throws where no member can be asked this, or none is left. */
  pick(routed: RoutedRequest, signal: AbortSignal): PoolLease | Promise<PoolLease> {
    const purse = new Purse(this.#options.budget);
    const picked = this.#pickNow(routed, purse);
    return picked instanceof Lease ? picked : this.#wait(routed, picked, purse, signal);
  }

  /** Grants a lease where the budget and the limiter have room for it; to a member on trial, one at a time. */
  grant(lease: PoolLease, purse: Purse, permit?: Permit): boolean {
    return this.#grant(lease, purse, permit) === "granted";
  }

  async #wait(
    routed: RoutedRequest,
    first: Shortlist,
    purse: Purse,
    signal: AbortSignal,
  ): Promise<PoolLease> {
    const { outage } = this.#options;
    try {
      for (let shortlist = first; ;) {
        outage.requireMember(routed);
        const lease = await this.queue.wait(shortlist, purse, this, signal);
        if (lease !== undefined) return lease;
        signal.throwIfAborted();
        const picked = this.#pickNow(routed, purse);
        if (picked instanceof Lease) return picked;
        shortlist = picked;
      }
    } finally {
      purse.close();
    }
  }

  /** A granted lease, or the members that it has to wait for. */
  #pickNow(routed: RoutedRequest, purse: Purse): PoolLease | Shortlist {
    const { members, clock, checker, owner } = this.#options;
    requireAskable(members, routed);
    const shortlist = new Shortlist(clock.now());
    checker.startDue();
    for (const { member } of this.#ranked(routed)) {
      try {
        const lease = new Lease(member, routed, owner);
        const result = this.#grant(lease, purse);
        if (result === "granted") return lease;
        (result === "lacks budget" ? shortlist.lackBudget : shortlist.atLimit).push(lease);
      } catch (error) {
        const refusal = rejectReserve(error);
        if (!isMembersRefusal(refusal)) throw refusal;
        routed.exclude(member, refusal);
      }
    }
    return shortlist;
  }

  #grant(lease: PoolLease, purse: Purse, waitedFor?: Permit): "granted" | "at limit" | "lacks budget" {
    const { endpoint } = lease;
    const isTrial = !endpoint.health.isActive;
    if (isTrial && !endpoint.health.isDue(this.#options.clock.now())) return "at limit";
    if (!endpoint.warmUp.admits(lease)) return "at limit";
    const reservation = purse.take(lease.worst);
    if (reservation === undefined) return "lacks budget";
    let permit = waitedFor;
    try {
      permit ??= endpoint.limiter.tryReserve(lease.charge);
    } finally {
      if (permit === undefined) purse.giveBack(reservation);
    }
    if (permit === undefined) return "at limit";
    purse.spend(reservation);
    lease.grant(permit, reservation);
    endpoint.warmUp.begin(lease);
    if (isTrial) endpoint.beginTrial(lease, "probe");
    return "granted";
  }

  /** The members that may be asked, best first. */
  #ranked(routed: RoutedRequest): readonly PickOption[] {
    const { members, clock, checker, failures } = this.#options;
    const now = clock.now();
    const options: PickOption[] = [];
    for (const member of members) {
      const { health, warmUp } = member;
      const mayBeAsked = health.isActive || (health.isDue(now) && checker.callFor(member) === undefined);
      // Whoever would only wait for the request that goes alone there looks elsewhere.
      if (mayBeAsked && !warmUp.isBusy && routed.exclusionOf(member) === undefined)
        options.push(new PickOption(member, failures.countOf(routed.row, member)));
    }
    return options.toSorted(byRank);
  }
}

/** A member that may be asked. A class for the reason of core's `Slot`. */
class PickOption {
  readonly member: PoolMember;
  /** How often it has failed the row. */
  readonly failed: number;
  readonly isActive: boolean;
  readonly room: number;

  constructor(member: PoolMember, failed: number) {
    this.member = member;
    this.failed = failed;
    this.isActive = member.health.isActive;
    this.room = member.room;
  }
}

/** A member whose trial is due goes before those with room, as that is a single request. */
function byRank(a: PickOption, b: PickOption): number {
  return a.failed - b.failed || Number(a.isActive) - Number(b.isActive) || b.room - a.room;
}
