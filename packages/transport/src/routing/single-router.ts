import type { Limiter } from "@parallel-parrot/limiter";
import type { Amendment, Call, Provider } from "@parallel-parrot/providers";
import type { SpendTracker } from "../budget/spend-tracker.ts";
import type { Answers } from "../request/response-cache.ts";
import { RowContext } from "../request/row-context.ts";
import { createCircuitBreaker, type CircuitBreaker, type Ticket } from "./circuit-breaker.ts";
import { BreakerGate, noteAnswer, type Guard } from "./breaker-gate.ts";
import { Endpoint, type Answer, type Planned, type Signals } from "../request/endpoint.ts";
import type { ResolvedOptions } from "../options.ts";
import { policyOf } from "../errors/error-policy.ts";
import { RejectionError } from "../errors/rejection-error.ts";
import { amendmentOf, isStop } from "../errors/verdict.ts";
import type { Canary } from "./canary.ts";

/** Sends requests of one run to one provider. */
export interface Attempts {
  /**
   * Finds one request's answer in the journal, or waits for its turn, authorises, posts, reads, settles and
   * keeps it, and adds what it cost to the row. Throws a {@linkcode RejectionError}, or a ParrotError.
   */
  send(call: Call, replicate: number, signals: Signals, row: RowContext): Promise<Answer>;
  /** One request's answer from the journal, with nothing asked or awaited; `undefined` where that cannot be. */
  recall(call: Call, replicate: number, row: RowContext): Answer | undefined;
  /** Notes on the row whether an earlier run was done with it, before several requests are sent for it. */
  look(call: Call, replicates: readonly number[], row: RowContext): void;
  /** Where answers are found and kept; to be set before anything is sent. */
  answers: Answers | undefined;
  /** Whether an outage lasts, which no row is to pay for, and how many are over. */
  readonly breaker: Pick<CircuitBreaker, "isOpen" | "outages">;
  /** Whether a row that has used its attempts owes that to an outage; waits for the end of it. */
  forgives(signals: Signals, row: RowContext): Promise<boolean>;
  /** What the model refused and is left out since. */
  readonly amendments: ReadonlySet<Amendment>;
}

/** How often in a row one request may be amended. */
const MAX_AMENDMENTS = 8;

/** Everything paid for goes on the run's spending at once: it counts also when the run ends before the row does. */
export function createAttempts(
  provider: Provider,
  limiter: Limiter,
  options: ResolvedOptions,
  { spendTracker, canary }: { readonly spendTracker: SpendTracker; readonly canary: Canary },
): Attempts {
  const sender = new Endpoint(provider, limiter, spendTracker, options);
  /** What a check costs belongs to no row, only to the run. */
  const checkRow = new RowContext(1);
  const breaker = createCircuitBreaker({
    clock: limiter.clock,
    maxOutageMs: options.maxOutageMs,
    server: provider.baseUrl,
    canCheck: () => guard.check !== undefined,
  });
  const guard: Guard = { breaker, hold, check: undefined };

  let answers: Answers | undefined;

  function exchange(
    planned: Planned,
    signals: Signals,
    row: RowContext,
    ticket: Ticket | undefined,
  ): Promise<Answer | undefined> {
    return sender.exchange(planned, signals, row, new BreakerGate(guard, planned.call, row, ticket));
  }

  /**
   * A cause that no row survives holds everything back at once; where a key may have been rotated or a model deployed
   * anew, until it is confirmed.
   */
  function hold(error: RejectionError, row: RowContext): void {
    if (policyOf(error.rejection.code).isConfirmed !== true || !breaker.confirm(row)) breaker.stop(error);
  }

  /** Waits until this row may be sent, and meanwhile asks what was answered before where that is wanted. */
  async function admit(signals: Signals, row: RowContext): Promise<Ticket> {
    for (;;) {
      const ticket = await breaker.enter(row, signals.waiting);
      if (ticket.kind !== "check") return ticket;
      try {
        const { check } = guard;
        if (check !== undefined) await exchange(plan(check.call), signals, checkRow, ticket);
      } catch (error) {
        const isHeld = breaker.isOpen || !isStop(error);
        if (!(error instanceof RejectionError && isHeld)) throw error;
      }
    }
  }

  const plan = (call: Call): Planned => sender.plan(call);

  /** Sends one request that no other row is asking for. */
  async function ask(planned: Planned, signals: Signals, row: RowContext): Promise<Answer | undefined> {
    // What goes at once waits for nothing that would tell that the run is stopping.
    signals.waiting.throwIfAborted();
    if (!canary.isOpen) await (row.entering ??= canary.enter(row, signals.waiting));
    row.startDeadline?.();
    const ticket = breaker.isClosed ? undefined : await admit(signals, row);
    return await exchange(planned, signals, row, ticket);
  }

  /** Finds a request's answer, or sends it and keeps the answer. */
  async function findOrAsk(
    planned: Planned,
    { replicate, known }: { readonly replicate: number; readonly known: Answers },
    signals: Signals,
    row: RowContext,
  ): Promise<Answer | undefined> {
    const key = known.keyOf(planned.request, replicate, row);
    const recalled = known.recall(key, row, planned.known, signals);
    const answer = recalled instanceof Promise ? await recalled : recalled;
    if (answer?.ok === true) {
      noteAnswer(guard, planned.call, planned.request.body.length);
      breaker.wasAlive();
      return answer.completion;
    }
    if (answer !== undefined) throw new RejectionError(answer.rejection);
    const keep: Planned["keep"] = (kept) =>
      known.keep({ ...kept, key, replicate, sentAt: Date.now() - kept.durationMs }, row);
    try {
      return await ask({ ...planned, keep }, signals, row);
    } finally {
      known.release(key);
    }
  }

  return {
    get answers() {
      return answers;
    },
    set answers(value) {
      answers = value;
    },
    get amendments() {
      return sender.amendments;
    },
    breaker,
    async forgives(signals, row) {
      if (!breaker.suspect(row)) return false;
      const { outages } = breaker;
      breaker.report(row, "nothing", await admit(signals, row));
      return breaker.isOpen || breaker.outages > outages;
    },
    recall(call, replicate, row) {
      if (answers === undefined) return undefined;
      const { request, known } = plan(call);
      const answer = answers.find(answers.keyOf(request, replicate, row), row, known);
      return answer?.ok === true ? answer.completion : undefined;
    },
    look(call, replicates, row) {
      if (answers === undefined) return;
      const { request } = plan(call);
      for (const replicate of replicates) answers.look(answers.keyOf(request, replicate, row), row);
    },
    async send(call, replicate, signals, row) {
      for (let amended = 0; ;) {
        try {
          const answer =
            answers === undefined
              ? await ask(plan(call), signals, row)
              : await findOrAsk(plan(call), { replicate, known: answers }, signals, row);
          if (answer !== undefined) return answer;
        } catch (error) {
          if (isStop(error) && breaker.isOpen) continue;
          const amendment = amendmentOf(error);
          if (amendment === undefined || amended >= MAX_AMENDMENTS) throw error;
          sender.amend(amendment);
          amended += 1;
        }
      }
    },
  };
}
