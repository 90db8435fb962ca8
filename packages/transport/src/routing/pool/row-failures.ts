import type { Clock } from "@parallel-parrot/limiter";
import type { MemberFailures, RowContext } from "../../request/row-context.ts";
import type { PoolMember } from "./pool-member.ts";
import { orAbort } from "../../waiting/or-abort.ts";
import type { HealthChecker } from "./health-checker.ts";

/** What {@linkcode RowFailures} goes by. */
export interface RowFailuresOptions {
  readonly members: readonly PoolMember[];
  readonly clock: Clock;
  readonly checker: HealthChecker;
}

/**
 * Which members of a pool have failed a row: the others are asked first for it, and the row is forgiven where those
 * who failed it are away.
 */
export class RowFailures {
  readonly #options: RowFailuresOptions;

  constructor(options: RowFailuresOptions) {
    this.#options = options;
  }

  /** How often a member has failed a row since it answered it last. */
  countOf({ failures }: RowContext, member: PoolMember): number {
    return failures?.get(member)?.times ?? 0;
  }

  /** Notes that a member has failed a row. */
  note(row: RowContext, member: PoolMember): void {
    const failures = (row.failures ??= new Map<PoolMember, MemberFailures>());
    const known = failures.get(member);
    if (known === undefined) failures.set(member, { times: 1, since: this.#options.clock.now() });
    else known.times += 1;
  }

  /** Notes that a member has answered a row. */
  answered(row: RowContext, member: PoolMember): void {
    row.failures?.delete(member);
  }

  /** Whether each member that failed this row is away. Where that is not known, the member is checked first. */
  async areForgiven({ failures }: RowContext, signal: AbortSignal): Promise<boolean> {
    if (failures === undefined || failures.size === 0) return false;
    for (const member of this.#options.members) {
      const since = failures.get(member)?.since;
      if (since !== undefined && !(await this.#isAway(member, since, signal))) return false;
    }
    return true;
  }

  async #isAway(member: PoolMember, since: number, signal: AbortSignal): Promise<boolean> {
    const { health, shortest } = member;
    if (health.isActive) {
      if (shortest === undefined || health.lastAliveAt >= since) return false;
      health.doubt({ code: "OUTAGE", message: "No request was answered while a row used up its attempts" });
    }
    // A member that is only suspected shows at once whether it answers.
    if (health.isFailing && !health.isKnownToFail) await orAbort(this.#options.checker.check(member), signal);
    return !health.isActive;
  }
}
