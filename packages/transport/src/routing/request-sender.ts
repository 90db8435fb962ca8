import type { Call } from "@parallel-parrot/providers";
import type { Asked, Excluded } from "./exclusions.ts";
import type { Attempts } from "./single-router.ts";
import type { RowContext } from "../request/row-context.ts";
import type { Answer, Signals } from "../request/endpoint.ts";
import type { Member } from "./pool-endpoint.ts";
import type { PoolAnswers } from "./cache-lookup.ts";
import type { PoolOutage } from "./pool-outage.ts";
import type { PoolTurns, Turn } from "./picker.ts";
import { policyOf } from "../errors/error-policy.ts";
import { RejectionError } from "../errors/rejection-error.ts";
import {
  amendmentOf,
  isKeyError,
  isMembersRefusal,
  isStop,
  isThrottled,
  isTransient,
} from "../errors/verdict.ts";
import type { RowFailures } from "./row-failures.ts";
import type { Canary } from "./canary.ts";
import type { Semaphore } from "../waiting/semaphore.ts";

/** How often one request may be amended, for each member. */
const MAX_AMENDMENTS = 8;

/** What {@linkcode PoolAttempts} puts together. */
export interface PoolAttemptsOptions {
  readonly members: readonly Member[];
  readonly turns: PoolTurns;
  readonly outage: PoolOutage;
  readonly failures: RowFailures;
  readonly answers: PoolAnswers;
  readonly canary: Canary;
  readonly semaphore: Semaphore;
}

/** Sends the requests of one run to the members of a pool. */
export class PoolAttempts implements Pick<Attempts, "send" | "recall" | "look" | "breaker" | "forgives"> {
  readonly breaker: Attempts["breaker"];
  readonly #options: PoolAttemptsOptions;
  /** Who cannot be asked something is not asked it again when the row is tried anew. */
  readonly #excluded = new WeakMap<Call, Excluded>();

  constructor(options: PoolAttemptsOptions) {
    this.#options = options;
    const { outage } = options;
    this.breaker = {
      get isOpen() {
        return outage.isDown;
      },
      get outages() {
        return outage.outages;
      },
    };
  }

  recall(call: Call, replicate: number, row: RowContext): Answer | undefined {
    return this.#options.answers.find({ call, replicate, row, excluded: new Map(), lookedUp: new Map() });
  }

  look(call: Call, replicates: readonly number[], row: RowContext): void {
    this.#options.answers.look(call, replicates, row);
  }

  async send(call: Call, replicate: number, signals: Signals, row: RowContext): Promise<Answer> {
    const excluded = this.#excluded.get(call) ?? new Map<Member, Error>();
    this.#excluded.set(call, excluded);
    const asked: Asked = { call, replicate, row, excluded, lookedUp: new Map() };
    return this.#options.answers.findOrAsk(asked, signals, () => this.#enter(asked, signals));
  }

  async forgives(signals: Signals, row: RowContext): Promise<boolean> {
    const { outage, failures } = this.#options;
    return outage.isDown || failures.areForgiven(row, signals.waiting);
  }

  async #enter(asked: Asked, signals: Signals): Promise<Answer> {
    const { canary, semaphore } = this.#options;
    const { row } = asked;
    signals.waiting.throwIfAborted();
    if (!canary.isOpen) await (row.entering ??= canary.enter(row, signals.waiting));
    await semaphore.acquire(signals.waiting);
    row.startDeadline?.();
    try {
      return await this.#ask(asked, signals);
    } finally {
      semaphore.release();
    }
  }

  /** Asks one member after the other, until one has answered or the row has to do with what it says. */
  async #ask(asked: Asked, signals: Signals): Promise<Answer> {
    const { turns, answers, failures, members } = this.#options;
    let amendments = MAX_AMENDMENTS * members.length;
    for (;;) {
      // What is left out now may have been known when it was asked before.
      const found = answers.find(asked);
      if (found !== undefined) return found;
      const turn = await turns.take(asked, signals);
      const { member, planned, gate } = turn;
      try {
        const keep = answers.keeperOf(member, planned, asked);
        const request = keep === undefined ? planned : { ...planned, keep };
        const answer = await member.endpoint.exchange(request, signals, asked.row, gate);
        if (answer === undefined) continue;
        failures.answered(asked.row, member);
        this.#tellOutdone(asked);
        return answer;
      } catch (error) {
        const amendment = amendmentOf(error);
        if (amendment === undefined || amendments-- === 0) this.#goOn(error, turn, asked);
        else member.endpoint.amend(amendment);
      }
    }
  }

  /** Returns where another member is to be asked, and throws where the row has to do with it. */
  #goOn(error: unknown, { member, isTry }: Turn, { excluded, row }: Asked): void {
    if (isKeyError(error)) return member.health.leave(error);
    if (isMembersRefusal(error)) {
      for (const each of this.#options.members) if (each.isLike(member)) excluded.set(each, error);
      return;
    }
    if (isStop(error) || isThrottled(error)) return;
    if (!isTransient(error)) throw error;
    this.#options.failures.note(row, member);
    // A try is the member's, and costs the row nothing.
    if (!isTry) throw this.#hasAnother(member, excluded) ? withoutHint(error) : error;
  }

  #hasAnother(member: Member, excluded: Excluded): boolean {
    return this.#options.members.some(
      (each) => each !== member && each.health.isActive && !excluded.has(each),
    );
  }

  /** Those that have refused what was answered in the end may be at fault. */
  #tellOutdone({ excluded }: Asked): void {
    for (const [member, error] of excluded) {
      if (error instanceof RejectionError && policyOf(error.rejection.code).mayBeMembersFault === true)
        member.health.outdone(error.rejection);
    }
  }
}

/** How long one member wants to be left alone does not concern the others. */
function withoutHint(error: RejectionError): RejectionError {
  const { retryAfterMs: _, ...rejection } = error.rejection;
  return new RejectionError(rejection, error.cause);
}
