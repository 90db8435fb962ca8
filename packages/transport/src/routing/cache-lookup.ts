import type { Amendment, Call } from "@parallel-parrot/providers";
import type { Answers } from "../request/response-cache.ts";
import { refusalOf, type Asked } from "./exclusions.ts";
import { RowContext } from "../request/row-context.ts";
import type { Answer, Planned, Signals } from "../request/endpoint.ts";
import type { Member } from "./pool-endpoint.ts";
import { RejectionError } from "../errors/rejection-error.ts";
import { amendmentOf, isMembersRefusal } from "../errors/verdict.ts";

const NONE: ReadonlySet<Amendment> = new Set();
/** How often in a row one lookup may be amended. */
const MAX_AMENDMENTS = 8;

/** Finds what any member of a pool has answered, and keeps what one answers under its own key. */
export class PoolAnswers {
  readonly #members: readonly Member[];

  constructor(members: readonly Member[]) {
    this.#members = members;
  }

  look(call: Call, replicates: readonly number[], row: RowContext): void {
    for (const { answers, endpoint } of this.#members) {
      if (answers === undefined) continue;
      try {
        const { request } = endpoint.plan(call);
        for (const replicate of replicates) answers.look(answers.keyOf(request, replicate, row), row);
      } catch (error) {
        if (!isMembersRefusal(error)) throw error;
      }
    }
  }

  /** Finds an answer, or lets one row ask of those that ask for the same, whoever is asked in the end. */
  async findOrAsk(asked: Asked, signals: Signals, ask: () => Promise<Answer>): Promise<Answer> {
    const claim = this.#claimOf(asked);
    if (claim === undefined) return ask();
    const { answers, key } = claim;
    for (;;) {
      asked.lookedUp.clear();
      const found = this.find(asked);
      if (found !== undefined) return found;
      answers.refuseToAsk(asked.row);
      const pending = answers.claim(key, asked.row, signals);
      if (pending !== undefined) {
        await pending;
        continue;
      }
      try {
        return await ask();
      } finally {
        answers.release(key);
      }
    }
  }

  /** What keeps the answer to a request. */
  keeperOf({ answers }: Member, { request }: Planned, { replicate, row }: Asked): Planned["keep"] {
    if (answers === undefined) return undefined;
    const key = answers.keyOf(request, replicate, row);
    return (kept) => answers.keep({ ...kept, key, replicate, sentAt: Date.now() - kept.durationMs }, row);
  }

  /** What any member has answered, as far as it was not looked up with the same left out. */
  find(asked: Asked): Answer | undefined {
    const { excluded, row, lookedUp } = asked;
    const { isSettled } = row;
    let failure: unknown;
    for (const member of this.#members) {
      if (member.answers === undefined || lookedUp.get(member) === member.endpoint.amendments) continue;
      try {
        const found = this.#findAt(member, asked);
        if (found !== undefined) {
          this.#learn(asked);
          return found;
        }
      } catch (error) {
        if (isMembersRefusal(error)) excluded.set(member, error);
        else failure ??= error;
      }
      lookedUp.set(member, member.endpoint.amendments);
    }
    if (failure !== undefined) throw failure;
    const isRefused = this.#members.every((member) => excluded.has(member));
    const refusal = isRefused ? refusalOf(this.#members, excluded) : undefined;
    if (refusal !== undefined) throw refusal;
    // That one could not be asked does not say what the others had to say.
    if (excluded.size > 0) row.isSettled = isSettled;
    return undefined;
  }

  /** What the others refused of this row, they did without in rows that come later. */
  #learn(asked: Asked): void {
    const { occurrence, cutFrom } = asked.row;
    for (const member of this.#members) {
      if (member.health.cameBefore) continue;
      try {
        this.#findAt(member, { ...asked, row: new RowContext(1, { occurrence, cutFrom }) });
      } catch (error) {
        if (!(error instanceof RejectionError)) throw error;
      }
    }
  }

  /** What one member has answered, with everything that it is known to refuse left out. */
  #findAt(member: Member, { call, replicate, row }: Asked): Answer | undefined {
    const { answers, endpoint } = member;
    for (let step = 0; answers !== undefined && step < MAX_AMENDMENTS; step++) {
      const { request, known } = endpoint.plan(call);
      const answer = answers.find(answers.keyOf(request, replicate, row), row, known);
      if (answer === undefined) return undefined;
      if (answer.ok) {
        member.wasFound(call, request.body.length);
        return answer.completion;
      }
      const refusal = new RejectionError(answer.rejection);
      const amendment = amendmentOf(refusal);
      if (amendment === undefined) throw refusal;
      endpoint.amend(amendment);
    }
    return undefined;
  }

  /** One key for a request whoever is asked, and where it is claimed; `undefined` without a journal. */
  #claimOf({ call, replicate, row }: Asked): { readonly answers: Answers; readonly key: string } | undefined {
    let refusal: unknown;
    for (const { answers, endpoint } of this.#members) {
      if (answers === undefined) return undefined;
      try {
        const { request } = endpoint.plan(call, NONE);
        return { answers, key: answers.keyOf(request, replicate, row) };
      } catch (error) {
        refusal ??= error;
      }
    }
    throw refusal;
  }
}
