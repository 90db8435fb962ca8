import type { Completion, ErrorCode, Usage } from "@parallel-parrot/core";
import { NeverFitsError, type Limiter, type Permit } from "@parallel-parrot/limiter";
import type {
  Amendment,
  Call,
  Charge,
  Provider,
  ProviderAnswer,
  ProviderRequest,
  ProviderResponse,
} from "@parallel-parrot/providers";
import type { Account, Entry } from "./account.ts";
import type { Answers } from "./answers.ts";
import { authorize } from "./authorize.ts";
import { charge, createBill, type Bill } from "./bill.ts";
import { createBreaker, type Breaker, type Sign, type Ticket } from "./breaker.ts";
import { createHttpClient, sharedAgent } from "./http-client.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Setup } from "./setup.ts";
import { createPacer } from "./pacer.ts";
import { readRedirect } from "./read-redirect.ts";
import { rejectHttpError, rejectPrompt, RejectionError } from "./rejection-error.ts";
import { signOf } from "./sign-of.ts";
import { createTokenEstimator } from "./token-estimator.ts";
import { withoutCredentials } from "./without-credentials.ts";

/** The two ways to end a request early. */
export interface Signals {
  /** Ends waiting for a turn, not a request already sent: the run is stopping. */
  readonly waiting: AbortSignal;
  /** Ends everything. */
  readonly all: AbortSignal;
}

/** What one request brought, before its row's other requests are added. */
export type Answer = Pick<Completion, "choices" | "model">;

/** Sends requests of one run to one provider. */
export interface Attempts {
  /**
   * Finds one request's answer in the journal, or waits for its turn, authorises, posts, reads, settles and
   * keeps it, and puts what it cost on the bill. Throws a {@linkcode RejectionError}, or a ParrotError.
   */
  send(call: Call, replicate: number, signals: Signals, bill: Bill): Promise<Answer>;
  /** Notes on the bill whether an earlier run was done with its row, before several requests are sent for it. */
  look(call: Call, replicates: readonly number[], bill: Bill): void;
  /** Where answers are found and kept; to be set before anything is sent. */
  answers: Answers | undefined;
  /** Whether an outage lasts, which no row is to pay for, and how many are over. */
  readonly breaker: Pick<Breaker, "isOpen" | "outages">;
  /** Whether a row that has used its attempts owes that to an outage; waits for the end of it. */
  forgives(signals: Signals, bill: Bill): Promise<boolean>;
  /** What the model refused and is left out since. */
  readonly amendments: ReadonlySet<Amendment>;
}

/** A request that was built. */
interface Planned {
  readonly call: Call;
  readonly request: ProviderRequest;
  /** Those it was built with. */
  readonly known: ReadonlySet<Amendment>;
  /** Keeps what is answered; resolves when it is durable. */
  readonly keep?: (kept: Kept) => Promise<void> | undefined;
}

interface Kept {
  readonly response: ProviderResponse;
  readonly answer: ProviderAnswer;
  readonly usage: Usage;
  readonly durationMs: number;
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

/** Everything paid for goes on the account at once: it counts also when the run ends before the row does. */
export function createAttempts(
  provider: Provider,
  limiter: Limiter,
  options: ResolvedOptions,
  { account, setup }: { readonly account: Account; readonly setup: Setup },
): Attempts {
  const { dispatcher = sharedAgent(), attemptTimeoutMs, maxResponseBytes } = options;
  const client = createHttpClient({ dispatcher, timeoutMs: attemptTimeoutMs, maxBytes: maxResponseBytes });
  const estimator = createTokenEstimator();
  const pacer = createPacer(limiter.clock, options.maxWaitMs);
  /** Replaced, never changed: a request keeps those it was built with. */
  let amendments: ReadonlySet<Amendment> = new Set();
  /** The shortest request that was answered: the one to tell an outage by. */
  let check: { readonly call: Call; readonly length: number } | undefined;
  /** What it costs is nobody's: it is on no row's bill, only on the run's. */
  const checkBill = createBill(1);
  const breaker = createBreaker({
    clock: limiter.clock,
    maxOutageMs: options.maxOutageMs,
    server: provider.baseUrl,
    canCheck: () => check !== undefined,
  });

  let answers: Answers | undefined;

  /** Sends one request; `undefined` where it must not be sent as it is any more once its turn has come. */
  async function exchange(
    { call, request, known, keep }: Planned,
    signals: Signals,
    bill: Bill,
    ticket: Ticket | undefined,
  ): Promise<Answer | undefined> {
    const estimate = estimator.estimate(call, request.body);
    let entry: Entry | undefined;
    let permit: Permit | undefined;
    let sign: Sign = "nothing";
    let message = "";
    try {
      const opened = account.open({ call, request, estimate }, signals.waiting);
      entry = opened instanceof Promise ? await opened : opened;
      const reserved = reserve(limiter, provider.chargeUpFront(estimate), signals.waiting);
      permit = reserved instanceof Promise ? await reserved : reserved;
      const authorized = authorize(provider, request);
      const credentials = authorized instanceof Promise ? await authorized : authorized;
      if (!breaker.admits(ticket) || amendments !== known) {
        entry.failed(undefined);
        return undefined;
      }
      bill.attempts += 1;
      bill.leaveQueue?.();
      entry.sending();
      const sentAt = performance.now();
      const received = await client.post(request, credentials, signals.all);
      // A server may echo them, and what it says goes to rows, messages and the journal.
      const response = { ...received, body: withoutCredentials(received.body, credentials) };
      const answer = readRedirect(response) ?? provider.readResponse(response, known);
      const usage = entry.answered(response.status, answer);
      charge(bill, usage);
      const kept: Kept = { response, answer, usage, durationMs: performance.now() - sentAt };
      limiter.learn(provider.readLimits(response));
      if (!answer.ok) {
        await keep?.(kept);
        throw new RejectionError(pacer.judge(answer.rejection, permit, bill));
      }
      sign = "alive";
      pacer.answered();
      estimator.observe(request.body, answer.completion.usage);
      permit.settle(provider.chargeAfter(estimate, usage), usage.outputTokens);
      if (request.body.length < (check?.length ?? Infinity)) check = { call, length: request.body.length };
      // Nobody sees an answer before it is kept; its turn is over all the same.
      await keep?.(kept);
      return answer.completion;
    } catch (cause) {
      const error = rejectHttpError(cause);
      // Before the permit goes to the next.
      if (isStop(error)) hold(error, bill);
      sign = permit === undefined ? "nothing" : signOf(error);
      message = error instanceof Error ? error.message : "";
      entry?.failed(error);
      throw error;
    } finally {
      // Nothing is taken for a request that was not answered; a settled permit stays settled.
      permit?.refund();
      breaker.report(bill, sign, ticket, message);
    }
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
        if (check !== undefined) await exchange(plan(check.call), signals, checkBill, ticket);
      } catch (error) {
        const isHeld = breaker.isOpen || !isStop(error);
        if (!(error instanceof RejectionError && isHeld)) throw error;
      }
    }
  }

  function plan(call: Call): Planned {
    try {
      return { call, request: provider.buildRequest(call, amendments), known: amendments };
    } catch (error) {
      throw rejectPrompt(error);
    }
  }

  /** Sends one request that no other row is asking for. */
  async function ask(planned: Planned, signals: Signals, bill: Bill): Promise<Answer | undefined> {
    // What goes at once waits for nothing that would tell that the run is stopping.
    signals.waiting.throwIfAborted();
    if (!setup.isOpen) await (bill.entering ??= setup.enter(bill, signals.waiting));
    bill.startClock?.();
    const ticket = breaker.isClosed ? undefined : await admit(signals, bill);
    return exchange(planned, signals, bill, ticket);
  }

  /** Finds a request's answer, or sends it and keeps the answer. */
  async function findOrAsk(
    planned: Planned,
    { replicate, known }: { readonly replicate: number; readonly known: Answers },
    signals: Signals,
    bill: Bill,
  ): Promise<Answer | undefined> {
    const key = known.keyOf(planned.request, replicate);
    const recalled = known.recall(key, bill, planned.known, signals);
    const answer = recalled instanceof Promise ? await recalled : recalled;
    if (answer?.ok === true) return answer.completion;
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
      return amendments;
    },
    breaker,
    async forgives(signals, bill) {
      if (!breaker.suspect(bill)) return false;
      const { outages } = breaker;
      breaker.report(bill, "nothing", await admit(signals, bill));
      return breaker.isOpen || breaker.outages > outages;
    },
    look(call, replicates, bill) {
      if (answers === undefined) return;
      const { request } = plan(call);
      for (const replicate of replicates) answers.look(answers.keyOf(request, replicate), bill);
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
          const { amendment } = rejection;
          // Hundreds in flight are refused for the same thing.
          if (!amendments.has(amendment)) amendments = new Set([...amendments, amendment]);
          amended += 1;
        }
      }
    },
  };
}

function isStop(error: unknown): error is RejectionError {
  return error instanceof RejectionError && error.rejection.verdict === "stop";
}

/** At once where the request may go at once, as it mostly may. */
function reserve(limiter: Limiter, amounts: Charge, signal: AbortSignal): Permit | Promise<Permit> {
  try {
    return limiter.tryReserve(amounts) ?? limiter.reserve(amounts, { signal }).catch(refuseReserve);
  } catch (error) {
    return refuseReserve(error);
  }
}

function refuseReserve(error: unknown): never {
  if (!(error instanceof NeverFitsError)) throw error;
  throw new RejectionError({ verdict: "fail", code: "REQUEST_TOO_LARGE", message: error.message }, error);
}
