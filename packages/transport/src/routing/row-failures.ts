import type { Clock } from "@parallel-parrot/limiter";
import type { Bill } from "../request/bill.ts";
import type { Member } from "./member.ts";
import { orAbort } from "../waiting/or-abort.ts";
import type { PoolChecks } from "./pool-checks.ts";

interface Failures {
  times: number;
  /** Of the first one, by the pool's clock. */
  readonly since: number;
}

/** Which members of a pool have failed which rows: others come first for them, and it may be the members' fault. */
export class RowFailures {
  readonly #clock: Clock;
  readonly #checks: PoolChecks;
  readonly #rows = new WeakMap<Bill, Map<Member, Failures>>();

  constructor(clock: Clock, checks: PoolChecks) {
    this.#clock = clock;
    this.#checks = checks;
  }

  of(bill: Bill): ReadonlyMap<Member, Readonly<Failures>> | undefined {
    return this.#rows.get(bill);
  }

  note(bill: Bill, member: Member): void {
    const row = this.#rows.get(bill) ?? new Map<Member, Failures>();
    const { times, since } = row.get(member) ?? { times: 0, since: this.#clock.now() };
    this.#rows.set(bill, row.set(member, { times: times + 1, since }));
  }

  answered(bill: Bill, member: Member): void {
    this.#rows.get(bill)?.delete(member);
  }

  /** Whether everybody who failed this row is away. Asks what was answered before where it is not known. */
  async areForgiven(bill: Bill, signal: AbortSignal): Promise<boolean> {
    const failed = [...(this.#rows.get(bill) ?? [])];
    for (const [member, { since }] of failed) {
      if (!(await this.#isAway(member, since, signal))) return false;
    }
    return failed.length > 0;
  }

  async #isAway(member: Member, since: number, signal: AbortSignal): Promise<boolean> {
    const { health, check } = member;
    if (health.isActive) {
      if (check === undefined || health.lastAliveAt >= since) return false;
      health.doubt({ code: "OUTAGE", message: "Nothing was answered while a row used its attempts" });
    }
    // One that is only suspected shows at once whether it answers.
    if (health.isFailing && !health.isKnownToFail) await orAbort(this.#checks.check(member), signal);
    return !health.isActive;
  }
}
