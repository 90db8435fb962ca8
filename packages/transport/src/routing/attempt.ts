import type { ErrorCode } from "@parallel-parrot/core";
import type { Limiter } from "@parallel-parrot/limiter";
import type { Amendment, Call, Provider } from "@parallel-parrot/providers";
import type { SpendTracker } from "../budget/spend-tracker.ts";
import type { Answers } from "../request/answers.ts";
import { createBill, type Bill } from "../request/bill.ts";
import { createCircuitBreaker, type CircuitBreaker, type Ticket } from "./circuit-breaker.ts";
import { BreakerGate, noteAnswer, type Guard } from "./breaker-gate.ts";
import { Endpoint, isStop, type Answer, type Planned, type Signals } from "../request/endpoint.ts";
import type { ResolvedOptions } from "../options.ts";
import { RejectionError } from "../errors/rejection-error.ts";
import type { Canary } from "./canary.ts";

/** Sends requests of one run to one provider. */
export interface Attempts {
  /**
   * Finds one request's answer in the journal, or waits for its turn, authorises, posts, reads, settles and
   * keeps it, and puts what it cost on the bill. Throws a {@linkcode RejectionError}, or a ParrotError.
   */
  send(call: Call, replicate: number, signals: Signals, bill: Bill): Promise<Answer>;
  /** One request's answer from the journal, with nothing asked or awaited; `undefined` where that cannot be. */
  recall(call: Call, replicate: number, bill: Bill): Answer | undefined;
  /** Notes on the bill whether an earlier run was done with its row, before several requests are sent for it. */
  look(call: Call, replicates: readonly number[], bill: Bill): void;
  /** Where answers are found and kept; to be set before anything is sent. */
  answers: Answers | undefined;
  /** Whether an outage lasts, which no row is to pay for, and how many are over. */
  readonly breaker: Pick<CircuitBreaker, "isOpen" | "outages">;
  /** Whether a row that has used its attempts owes that to an outage; waits for the end of it. */
  forgives(signals: Signals, bill: Bill): Promise<boolean>;
  /** What the model refused and is left out since. */
  readonly amendments: ReadonlySet<Amendment>;
}

/** How often in a row one request may be amended. */
const MAX_AMENDMENTS = 8;
/** Refusals that may pass after successes: a key is rotated, a model deployed anew. */
const CONFIRMED: ReadonlySet<string> = new Set<ErrorCode>([
  "AUTHENTICATION",
  "PERMISSION",
  "MODEL_NOT_FOUND",
  "NOT_THE_API",
]);

/** Everything paid for goes on the run's spending at once: it counts also when the run ends before the row does. */
export function createAttempts(
  provider: Provider,
  limiter: Limiter,
  options: ResolvedOptions,
  { spendTracker, canary }: { readonly spendTracker: SpendTracker; readonly canary: Canary },
): Attempts {
  const sender = new Endpoint(provider, limiter, spendTracker, options);
  /** What it costs is nobody's: it is on no row's bill, only on the run's. */
  const checkBill = createBill(1);
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
    bill: Bill,
    ticket: Ticket | undefined,
  ): Promise<Answer | undefined> {
    return sender.exchange(planned, signals, bill, new BreakerGate(guard, planned.call, bill, ticket));
  }

  /** A cause that no row survives holds everything back at once; where it may pass, until it is confirmed. */
  function hold(error: RejectionError, bill: Bill): void {
    if (!CONFIRMED.has(error.rejection.code) || !breaker.confirm(bill)) breaker.stop(error);
  }

  /** Waits until this row may be sent, and meanwhile asks what was answered before where that is wanted. */
  async function admit(signals: Signals, bill: Bill): Promise<Ticket> {
    for (;;) {
      const ticket = await breaker.enter(bill, signals.waiting);
      if (ticket.kind !== "check") return ticket;
      try {
        const { check } = guard;
        if (check !== undefined) await exchange(plan(check.call), signals, checkBill, ticket);
      } catch (error) {
        const isHeld = breaker.isOpen || !isStop(error);
        if (!(error instanceof RejectionError && isHeld)) throw error;
      }
    }
  }

  const plan = (call: Call): Planned => sender.plan(call);

  /** Sends one request that no other row is asking for. */
  async function ask(planned: Planned, signals: Signals, bill: Bill): Promise<Answer | undefined> {
    // What goes at once waits for nothing that would tell that the run is stopping.
    signals.waiting.throwIfAborted();
    if (!canary.isOpen) await (bill.entering ??= canary.enter(bill, signals.waiting));
    bill.startClock?.();
    const ticket = breaker.isClosed ? undefined : await admit(signals, bill);
    return await exchange(planned, signals, bill, ticket);
  }

  /** Finds a request's answer, or sends it and keeps the answer. */
  async function findOrAsk(
    planned: Planned,
    { replicate, known }: { readonly replicate: number; readonly known: Answers },
    signals: Signals,
    bill: Bill,
  ): Promise<Answer | undefined> {
    const key = known.keyOf(planned.request, replicate, bill);
    const recalled = known.recall(key, bill, planned.known, signals);
    const answer = recalled instanceof Promise ? await recalled : recalled;
    if (answer?.ok === true) {
      noteAnswer(guard, planned.call, planned.request.body.length);
      breaker.wasAlive();
      return answer.completion;
    }
    if (answer !== undefined) throw new RejectionError(answer.rejection);
    const keep: Planned["keep"] = (kept) =>
      known.keep({ ...kept, key, replicate, sentAt: Date.now() - kept.durationMs }, bill);
    try {
      return await ask({ ...planned, keep }, signals, bill);
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
    async forgives(signals, bill) {
      if (!breaker.suspect(bill)) return false;
      const { outages } = breaker;
      breaker.report(bill, "nothing", await admit(signals, bill));
      return breaker.isOpen || breaker.outages > outages;
    },
    recall(call, replicate, bill) {
      if (answers === undefined) return undefined;
      const { request, known } = plan(call);
      const answer = answers.find(answers.keyOf(request, replicate, bill), bill, known);
      return answer?.ok === true ? answer.completion : undefined;
    },
    look(call, replicates, bill) {
      if (answers === undefined) return;
      const { request } = plan(call);
      for (const replicate of replicates) answers.look(answers.keyOf(request, replicate, bill), bill);
    },
    async send(call, replicate, signals, bill) {
      for (let amended = 0; ;) {
        try {
          const answer =
            answers === undefined
              ? await ask(plan(call), signals, bill)
              : await findOrAsk(plan(call), { replicate, known: answers }, signals, bill);
          if (answer !== undefined) return answer;
        } catch (error) {
          if (isStop(error) && breaker.isOpen) continue;
          const rejection = error instanceof RejectionError ? error.rejection : undefined;
          if (rejection?.verdict !== "amend" || amended >= MAX_AMENDMENTS) throw error;
          sender.amend(rejection.amendment);
          amended += 1;
        }
      }
    },
  };
}
