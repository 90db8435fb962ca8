import type { Clock, Permit } from "@parallel-parrot/limiter";
import type { Asked } from "./exclusions.ts";
import type { Budget } from "../budget/budget.ts";
import { createCandidate, type Candidate } from "./candidate.ts";
import type { Gate, Planned, Signals } from "../request/endpoint.ts";
import type { Member } from "./pool-endpoint.ts";
import type { PoolChecks } from "./health-checker.ts";
import { PoolLines } from "./pick-queue.ts";
import type { PoolOutage } from "./pool-outage.ts";
import { Purse } from "./purse.ts";
import { rejectReserve } from "../errors/rejection-error.ts";
import { isMembersRefusal } from "../errors/verdict.ts";
import type { RowFailures } from "./row-failures.ts";

/** Leave to send a request to one member. */
export interface Turn {
  readonly member: Member;
  readonly planned: Planned;
  readonly gate: Gate;
  /** Whether it is to show that the member answers. */
  readonly isTry: boolean;
}

/** What {@linkcode PoolTurns} goes by. */
export interface PoolTurnsOptions {
  readonly members: readonly Member[];
  readonly clock: Clock;
  readonly budget: Budget | undefined;
  readonly checks: PoolChecks;
  readonly outage: PoolOutage;
  readonly failures: RowFailures;
}

/** Gives each request to the member with most room, or to the first that has any. */
export class PoolTurns {
  readonly lines: PoolLines;
  readonly #options: PoolTurnsOptions;

  constructor(options: PoolTurnsOptions) {
    this.#options = options;
    this.lines = new PoolLines(options);
  }

  /** Waits for a turn at any member. Throws where nobody can be asked this, or nobody is left. */
  async take(asked: Asked, { waiting }: Signals): Promise<Turn> {
    const { budget, checks, outage } = this.#options;
    const purse = new Purse(budget);
    try {
      for (;;) {
        waiting.throwIfAborted();
        checks.startDue();
        const candidates: Candidate[] = [];
        for (const member of this.#ranked(asked)) {
          const next = this.#orExclude(asked, member, () => this.#takeNow(asked, member, purse));
          if (next !== undefined && "gate" in next) return next;
          if (next !== undefined) candidates.push(next);
        }
        outage.requireHope(asked.excluded);
        const turn = await this.lines.wait(candidates, purse, waiting, (candidate, permit) =>
          this.#spend(candidate, purse, () => permit),
        );
        if (turn !== undefined) return turn;
      }
    } finally {
      purse.close();
    }
  }

  /** Those that may be asked, best first. */
  #ranked({ excluded, row }: Asked): readonly Member[] {
    const { members, clock, checks, failures } = this.#options;
    const now = clock.now();
    return (
      members
        .filter((member) => !excluded.has(member))
        .filter(({ health }) => health.isActive || health.isDue(now))
        .filter((member) => member.health.isActive || checks.callFor(member) === undefined)
        .map((member) => ({ member, failed: failures.countOf(row, member), room: member.room }))
        // One that is to be tried goes before those with room: it is one request.
        .toSorted(
          (a, b) =>
            a.failed - b.failed ||
            Number(a.member.health.isActive) - Number(b.member.health.isActive) ||
            b.room - a.room,
        )
        .map(({ member }) => member)
    );
  }

  /** A turn, or what is to stand in line. */
  #takeNow({ call }: Asked, member: Member, purse: Purse): Turn | Candidate {
    const candidate = createCandidate(member, call);
    const turn = this.#spend(candidate, purse, () => member.endpoint.limiter.tryReserve(candidate.charge));
    return turn ?? candidate;
  }

  /** A turn, where the budget and the limiter let it go and nobody else tries the member. */
  #spend(candidate: Candidate, purse: Purse, takePermit: () => Permit | undefined): Turn | undefined {
    const { member, planned, estimate, worst } = candidate;
    const { health, endpoint } = member;
    const isTry = !health.isActive;
    if (isTry && !health.isDue(this.#options.clock.now())) return undefined;
    const reservation = purse.take(worst);
    candidate.lacksBudget = reservation === undefined;
    if (reservation === undefined) return undefined;
    let permit: Permit | undefined;
    try {
      permit = takePermit();
    } finally {
      if (permit === undefined) purse.giveBack(reservation);
    }
    if (permit === undefined) return undefined;
    purse.spend(reservation);
    const expense = endpoint.spendTracker.openWith({ ...planned, estimate }, reservation);
    return {
      member,
      planned: { ...planned, leave: { estimate, permit, expense } },
      gate: member.gate(planned.call, isTry),
      isTry,
    };
  }

  #orExclude<T>({ excluded }: Asked, member: Member, take: () => T): T | undefined {
    try {
      return take();
    } catch (error) {
      const refusal = rejectReserve(error);
      if (!isMembersRefusal(refusal)) throw refusal;
      excluded.set(member, refusal);
      return undefined;
    }
  }
}
