import type { Completion, Usage } from "@parallel-parrot/core";
import type { Limiter, Permit } from "@parallel-parrot/limiter";
import type {
  Amendment,
  Call,
  Charge,
  Estimate,
  Provider,
  ProviderAnswer,
  ProviderRequest,
  ProviderResponse,
} from "@parallel-parrot/providers";
import type { SpendTracker, Expense } from "../budget/spend-tracker.ts";
import { authorize } from "./authorize.ts";
import type { RowContext } from "./row-context.ts";
import { sharedAgent, type HttpClient } from "../http/http-client.ts";
import { createClient } from "./create-client.ts";
import type { ResolvedOptions } from "../options.ts";
import { createThrottlePolicy, type ThrottlePolicy } from "./throttle-policy.ts";
import { readRedirect } from "./read-redirect.ts";
import { readResponse } from "./read-response.ts";
import { rejectHttpError, rejectPrompt, rejectReserve, RejectionError } from "../errors/rejection-error.ts";
import { outcomeOf, type Outcome } from "../errors/outcome.ts";
import { isStop } from "../errors/verdict.ts";
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

/** A request that was built. */
export interface Planned {
  readonly call: Call;
  readonly request: ProviderRequest;
  /** Those it was built with. */
  readonly known: ReadonlySet<Amendment>;
  /** Keeps what is answered; resolves when it is durable. */
  readonly keep?: (kept: Kept) => Promise<void> | undefined;
  /** What it has already, where it did not have to wait for it here. */
  readonly leave?: Leave;
}

/** Leave to send: a turn at the rate limit, and a worst case set aside from the budget. */
interface Leave {
  readonly estimate: Estimate;
  readonly permit: Permit;
  readonly expense: Expense;
}

/** A class for the reason of core's `Slot`. */
class PlannedRequest implements Planned {
  readonly call: Call;
  readonly request: ProviderRequest;
  readonly known: ReadonlySet<Amendment>;

  constructor(call: Call, request: ProviderRequest, known: ReadonlySet<Amendment>) {
    this.call = call;
    this.request = request;
    this.known = known;
  }
}

interface Kept {
  readonly response: ProviderResponse;
  readonly answer: ProviderAnswer;
  readonly usage: Usage;
  readonly durationMs: number;
}

/** Who decides whether a request may go, and learns what became of it. */
export interface Gate {
  /** Whether it may still be sent, now that its turn has come: then it is. */
  admits(): boolean;
  /** A cause that no row survives; told before the permit goes to the next. */
  stopped(error: RejectionError): void;
  /** It was answered well; `length` is that of its body. */
  answered(length: number): void;
  ended(outcome: Outcome, failure: unknown): void;
}

/** Sends single requests to one provider, and remembers what the model refused. */
export class Endpoint {
  /** Replaced, never changed: a request keeps those it was built with. */
  amendments: ReadonlySet<Amendment> = new Set();
  readonly provider: Provider;
  readonly limiter: Limiter;
  readonly spendTracker: SpendTracker;
  readonly #client: HttpClient;
  readonly #estimator = createTokenEstimator();
  readonly #throttlePolicy: ThrottlePolicy;

  constructor(provider: Provider, limiter: Limiter, spendTracker: SpendTracker, options: ResolvedOptions) {
    this.provider = provider;
    this.limiter = limiter;
    this.spendTracker = spendTracker;
    const { dispatcher = sharedAgent(), attemptTimeoutMs, maxResponseBytes } = options;
    const limits = { timeoutMs: attemptTimeoutMs, maxBytes: maxResponseBytes };
    this.#client = createClient(provider, { dispatcher, ...limits });
    this.#throttlePolicy = createThrottlePolicy(limiter.clock, options.maxWaitMs);
  }

  plan(call: Call, amendments: ReadonlySet<Amendment> = this.amendments): Planned {
    try {
      return new PlannedRequest(call, this.provider.buildRequest(call, amendments), amendments);
    } catch (error) {
      throw rejectPrompt(error, this.provider);
    }
  }

  /** Does without what was refused from now on. */
  amend(amendment: Amendment): void {
    // Hundreds in flight are refused for the same thing.
    if (!this.amendments.has(amendment)) this.amendments = new Set([...this.amendments, amendment]);
  }

  estimate({ call, request }: Planned): Estimate {
    return this.#estimator.estimate(call, request.body);
  }

  /** Sends one request; `undefined` where it must not be sent as it is any more once its turn has come. */
  async exchange(
    planned: Planned,
    signals: Signals,
    row: RowContext,
    gate: Gate,
  ): Promise<Answer | undefined> {
    const { call, request, known, keep, leave } = planned;
    const { provider, limiter } = this;
    const estimate = leave?.estimate ?? this.estimate(planned);
    let expense = leave?.expense;
    let permit = leave?.permit;
    let outcome: Outcome = "nothing";
    let failure: unknown;
    /** What was answered and is not kept yet. */
    let unkept: Kept | undefined;
    try {
      const opened = expense ?? this.spendTracker.open({ call, request, estimate }, signals.waiting);
      expense = opened instanceof Promise ? await opened : opened;
      const reserved = permit ?? reserve(limiter, provider.chargeUpFront(estimate), signals.waiting);
      permit = reserved instanceof Promise ? await reserved : reserved;
      const authorized = authorize(provider, request);
      const credentials = authorized instanceof Promise ? await authorized : authorized;
      if (this.amendments !== known || !gate.admits()) {
        expense.failed(undefined);
        return undefined;
      }
      row.attempts += 1;
      row.leaveQueue?.();
      expense.sending();
      const sentAt = performance.now();
      const received = await this.#client.post(request, credentials, signals.all);
      const response = withoutCredentials(received, credentials);
      const answer = readRedirect(response) ?? readResponse(provider, response, known);
      const usage = expense.answered(response.status, answer);
      row.charge(usage);
      unkept = { response, answer, usage, durationMs: performance.now() - sentAt };
      const kept = unkept;
      limiter.learn(provider.readLimits(response));
      if (!answer.ok) {
        unkept = undefined;
        await keep?.(kept);
        throw new RejectionError(this.#throttlePolicy.judge(answer.rejection, permit, row));
      }
      outcome = "alive";
      this.#throttlePolicy.answered();
      this.#estimator.observe(call, request.body, answer.completion.usage);
      permit.settle(provider.chargeAfter(estimate, usage), usage.outputTokens);
      gate.answered(request.body.length);
      // Nobody sees an answer before it is kept; its turn is over all the same.
      unkept = undefined;
      await keep?.(kept);
      return answer.completion;
    } catch (cause) {
      // It was paid for, whatever threw behind it.
      if (unkept !== undefined) await keep?.(unkept);
      const error = rejectHttpError(cause);
      // Before the permit goes to the next.
      if (isStop(error)) gate.stopped(error);
      outcome = permit === undefined ? "nothing" : outcomeOf(error);
      failure = error;
      expense?.failed(error);
      throw error;
    } finally {
      // Nothing is taken for a request that was not answered; a settled permit stays settled.
      permit?.refund();
      gate.ended(outcome, failure);
    }
  }
}

/** At once where the request may go at once, as it mostly may. */
function reserve(limiter: Limiter, amounts: Charge, signal: AbortSignal): Permit | Promise<Permit> {
  try {
    return limiter.tryReserve(amounts) ?? limiter.reserve(amounts, { signal }).catch(throwRejection);
  } catch (error) {
    return throwRejection(error);
  }
}

function throwRejection(error: unknown): never {
  throw rejectReserve(error);
}
