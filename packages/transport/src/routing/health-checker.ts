import { isParrotError } from "@parallel-parrot/core";
import type { Clock } from "@parallel-parrot/limiter";
import type { Call } from "@parallel-parrot/providers";
import { RowContext } from "../request/row-context.ts";
import type { Gate, Signals } from "../request/endpoint.ts";
import type { Member } from "./pool-endpoint.ts";
import { RejectionError } from "../errors/rejection-error.ts";
import { amendmentOf, isKeyError, isRefused } from "../errors/verdict.ts";

/** How often in a row one check may be amended. */
const MAX_AMENDMENTS = 8;

/**
 * Asks members that stand aside for failures what was answered before: a row that they cannot answer tells
 * nothing, and no row waits for one that does not answer at all.
 */
export class PoolChecks {
  readonly #members: readonly Member[];
  readonly #clock: Clock;
  readonly #running = new Map<Member, Promise<void>>();
  readonly #end = new AbortController();
  #fault: { readonly error: unknown } | undefined;

  constructor(members: readonly Member[], clock: Clock) {
    this.#members = members;
    this.#clock = clock;
  }

  /** What a member is checked with; `undefined` where a row's own request has to show whether it answers. */
  callFor({ health, check }: Member): Call | undefined {
    if (!health.isFailing) return undefined;
    if (check !== undefined) return check.call;
    // The first failure of a new one may be the row's.
    return health.isKnownToFail ? this.#shortest() : undefined;
  }

  /** Checks whoever is due, beside the rows. */
  startDue(): void {
    if (this.#fault !== undefined) throw this.#fault.error;
    const now = this.#clock.now();
    for (const member of this.#members) {
      if (member.health.isDue(now)) void this.check(member);
    }
  }

  /** Resolves when it is known whether the member answers. */
  check(member: Member): Promise<void> {
    const running = this.#running.get(member);
    const call = this.callFor(member);
    if (running !== undefined || call === undefined) return running ?? Promise.resolve();
    const ended = this.#ask(member, call)
      .catch((error: unknown) => this.#judge(member, error))
      .finally(() => this.#running.delete(member));
    this.#running.set(member, ended);
    return ended;
  }

  /** Ends those on their way. */
  async close(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#running.values());
  }

  async #ask(member: Member, call: Call): Promise<void> {
    const { endpoint } = member;
    const signals: Signals = { waiting: this.#end.signal, all: this.#end.signal };
    for (let amended = 0; ;) {
      try {
        // What a check costs belongs to no row, only to the run.
        await endpoint.exchange(endpoint.plan(call), signals, new RowContext(1), this.#gate(member, call));
        return;
      } catch (error) {
        const amendment = amendmentOf(error);
        if (amendment === undefined || amended++ >= MAX_AMENDMENTS) throw error;
        endpoint.amend(amendment);
      }
    }
  }

  /** One that ends with the run has shown nothing. */
  #gate(member: Member, call: Call): Gate {
    const gate = member.gate(call, true);
    return {
      ...gate,
      ended: (outcome, failure) => {
        if (!this.#end.signal.aborted) gate.ended(outcome, failure);
      },
    };
  }

  #judge(member: Member, error: unknown): void {
    if (this.#end.signal.aborted) return;
    if (error instanceof RejectionError) {
      // It would be refused again.
      if (isRefused(error)) member.check = undefined;
    } else if (isKeyError(error)) member.health.leave(error);
    else if (!isParrotError(error)) this.#fault = { error };
  }

  #shortest(): Call | undefined {
    const checks = this.#members.flatMap(({ check }) => check ?? []);
    return checks.toSorted((a, b) => a.length - b.length)[0]?.call;
  }
}
