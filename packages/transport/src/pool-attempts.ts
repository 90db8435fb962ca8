import type { Amendment, Call } from "@parallel-parrot/providers";
import { isParrotError } from "@parallel-parrot/core";
import type { Answers } from "./answers.ts";
import type { Attempts } from "./attempt.ts";
import type { Bill } from "./bill.ts";
import type { Answer, Signals } from "./exchange.ts";
import type { Member } from "./member.ts";
import { exclude, type Excluded, type PoolTurns, type Turn } from "./pool-turns.ts";
import { RejectionError } from "./rejection-error.ts";
import type { Setup } from "./setup.ts";

/** How often in a row one request may be amended at one member, or be sent on. */
const MAX_AMENDMENTS = 8;
/** What one member's size or setting may be the reason for. */
const OWN_LIMITS: ReadonlySet<string> = new Set(["REQUEST_TOO_LARGE", "CONTEXT_TOO_LONG"]);
const OWN_ERRORS: ReadonlySet<string> = new Set(["AUTHENTICATION", "PERMISSION", "MISSING_KEY"]);

/** Sends the requests of one run to the members of a pool. */
export class PoolAttempts implements Pick<Attempts, "send" | "recall" | "look" | "forgives"> {
  readonly breaker: Attempts["breaker"];
  readonly #turns: PoolTurns;
  readonly #setup: Setup;

  constructor(turns: PoolTurns, setup: Setup) {
    this.#turns = turns;
    this.#setup = setup;
    this.breaker = {
      get isOpen() {
        return turns.isDown;
      },
      get outages() {
        return turns.outages;
      },
    };
  }

  recall(call: Call, replicate: number, bill: Bill): Answer | undefined {
    return this.#find({ call, replicate, excluded: new Map() }, bill);
  }

  look(call: Call, replicates: readonly number[], bill: Bill): void {
    for (const { answers, exchange } of this.#turns.members) {
      if (answers === undefined) continue;
      try {
        const { request } = exchange.plan(call);
        for (const replicate of replicates) answers.look(answers.keyOf(request, replicate), bill);
      } catch (error) {
        if (!(error instanceof RejectionError)) throw error;
      }
    }
  }

  async send(call: Call, replicate: number, signals: Signals, bill: Bill): Promise<Answer> {
    const claim = this.#claimOf(call, replicate);
    if (claim === undefined) return this.#ask({ call, replicate, excluded: new Map() }, signals, bill);
    const { answers, key } = claim;
    for (;;) {
      const excluded: Excluded = new Map();
      const found = this.#find({ call, replicate, excluded }, bill);
      if (found !== undefined) return found;
      answers.refuseToAsk(bill);
      // Whoever is asked in the end, equal requests are one.
      const pending = answers.claim(key, bill, signals);
      if (pending !== undefined) {
        await pending;
        continue;
      }
      try {
        return await this.#ask({ call, replicate, excluded }, signals, bill);
      } finally {
        answers.release(key);
      }
    }
  }

  /** Asks those that may be away what they answered before; whether they were. */
  async forgives(signals: Signals, bill: Bill): Promise<boolean> {
    const { members } = this.#turns;
    if (this.#turns.isDown) return true;
    const failingSince = bill.failingSince ?? Number.POSITIVE_INFINITY;
    const active = members.filter(({ isActive }) => isActive);
    if (active.some(({ check, lastAliveAt }) => check === undefined || lastAliveAt >= failingSince))
      return false;
    for (const member of active) {
      member.doubt({ code: "OUTAGE", message: "Nothing was answered while a row used its attempts" });
      await this.#turns.check(member, signals);
    }
    // One that answers at once was never away.
    return members.every(({ isActive }) => !isActive);
  }

  /** Any member's answer, whichever would be asked now. */
  #find({ call, replicate, excluded }: Asked, bill: Bill): Answer | undefined {
    let failure: RejectionError | undefined;
    for (const member of this.#turns.members) {
      try {
        const found = findAt(member, call, replicate, bill);
        if (found !== undefined) return found;
      } catch (error) {
        if (!(error instanceof RejectionError)) throw error;
        if (isOwn(error)) exclude(excluded, member, error);
        else failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    return undefined;
  }

  async #ask(asked: Asked, signals: Signals, bill: Bill): Promise<Answer> {
    signals.waiting.throwIfAborted();
    if (!this.#setup.isOpen) await (bill.entering ??= this.#setup.enter(bill, signals.waiting));
    bill.startClock?.();
    for (let amended = 0; ;) {
      const turn = await this.#turns.take(asked.call, bill, asked.excluded, signals);
      try {
        const answer = await this.#exchange(turn, asked, signals, bill);
        if (answer !== undefined) return answer;
      } catch (error) {
        const amendment = this.#amendmentOf(error);
        if (amendment !== undefined && amended++ < MAX_AMENDMENTS * this.#turns.members.length)
          turn.member.exchange.amend(amendment);
        else this.#goOn(error, turn.member, asked, bill);
      }
    }
  }

  #exchange(
    { member, planned, isProbe }: Turn,
    { call, replicate }: Asked,
    signals: Signals,
    bill: Bill,
  ): Promise<Answer | undefined> {
    const { answers, exchange } = member;
    const gate = member.gate(isProbe, call);
    if (answers === undefined) return exchange.exchange(planned, signals, bill, gate);
    const key = answers.keyOf(planned.request, replicate);
    const keep: typeof planned.keep = (kept) =>
      answers.keep({ ...kept, key, replicate, sentAt: Date.now() - kept.durationMs }, bill);
    return exchange.exchange({ ...planned, keep }, signals, bill, gate);
  }

  #amendmentOf(error: unknown): Amendment | undefined {
    const rejection = error instanceof RejectionError ? error.rejection : undefined;
    return rejection?.verdict === "amend" ? rejection.amendment : undefined;
  }

  /** Returns where another member is to be asked, and throws where the row has to do with it. */
  #goOn(error: unknown, member: Member, { excluded }: Asked, bill: Bill): void {
    if (isParrotError(error) && OWN_ERRORS.has(error.code)) {
      member.leave({ code: error.code, message: error.message });
      return;
    }
    if (!(error instanceof RejectionError)) throw error;
    if (isOwn(error)) {
      excluded.set(member, error);
      return;
    }
    if (error.rejection.verdict === "stop") return;
    if (error.rejection.verdict === "retry") {
      this.#turns.noteFailure(bill, member);
      bill.failingSince ??= member.exchange.limiter.clock.now();
      // It is the member that is at fault, which costs the row nothing.
      if (!member.isActive) return;
    }
    throw error;
  }

  /** One key for a request whoever is asked, and where it is claimed; `undefined` without a journal. */
  #claimOf(call: Call, replicate: number): { answers: Answers; key: string } | undefined {
    let refusal: unknown;
    for (const { answers, exchange } of this.#turns.members) {
      if (answers === undefined) return undefined;
      try {
        const { request } = exchange.plan(call, NONE);
        return { answers, key: answers.keyOf(request, replicate) };
      } catch (error) {
        refusal ??= error;
      }
    }
    throw refusal;
  }
}

interface Asked {
  readonly call: Call;
  readonly replicate: number;
  readonly excluded: Excluded;
}

const NONE: ReadonlySet<Amendment> = new Set();

/** Whether another member may answer what this one refused. */
function isOwn({ rejection, cause }: RejectionError): boolean {
  if (rejection.verdict !== "fail") return false;
  const isPrompt = cause instanceof Error && cause.name === "PromptError";
  return isPrompt || OWN_LIMITS.has(rejection.code);
}

function findAt(
  { answers, exchange }: Member,
  call: Call,
  replicate: number,
  bill: Bill,
): Answer | undefined {
  for (let step = 0; answers !== undefined && step < MAX_AMENDMENTS; step++) {
    const { request, known } = exchange.plan(call);
    const answer = answers.find(answers.keyOf(request, replicate), bill, known);
    if (answer === undefined || answer.ok) return answer?.completion;
    if (answer.rejection.verdict !== "amend") throw new RejectionError(answer.rejection);
    exchange.amend(answer.rejection.amendment);
  }
  return undefined;
}
