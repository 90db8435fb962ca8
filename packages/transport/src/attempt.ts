import { isParrotError, type Completion } from "@parallel-parrot/core";
import { NeverFitsError, type Limiter, type Permit } from "@parallel-parrot/limiter";
import type {
  Amendment,
  Call,
  Charge,
  Provider,
  ProviderRequest,
  ProviderResponse,
  Rejection,
} from "@parallel-parrot/providers";
import type { Account, Entry } from "./account.ts";
import { charge, type Bill } from "./bill.ts";
import { createHttpClient, sharedAgent } from "./http-client.ts";
import type { ResolvedOptions } from "./options.ts";
import { createPacer } from "./pacer.ts";
import { rejectHttpError, RejectionError } from "./rejection-error.ts";
import { createTokenEstimator } from "./token-estimator.ts";

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
   * Waits for its turn, authorises, posts, reads and settles one request, and puts what it cost on the bill.
   * Throws a {@linkcode RejectionError}.
   */
  send(call: Call, signals: Signals, bill: Bill): Promise<Answer>;
  /** What the model refused and is left out since. */
  readonly amendments: ReadonlySet<Amendment>;
}

/** How often in a row one request may be amended. */
const MAX_AMENDMENTS = 8;

/** Everything paid for goes on the account at once: it counts also when the run ends before the row does. */
export function createAttempts(
  provider: Provider,
  limiter: Limiter,
  options: ResolvedOptions,
  account: Account,
): Attempts {
  const { dispatcher = sharedAgent(), attemptTimeoutMs, maxResponseBytes } = options;
  const client = createHttpClient({ dispatcher, timeoutMs: attemptTimeoutMs, maxBytes: maxResponseBytes });
  const estimator = createTokenEstimator();
  const pacer = createPacer(limiter.clock, options.maxWaitMs);
  /** Replaced, never changed: a request keeps those it was built with. */
  let amendments: ReadonlySet<Amendment> = new Set();

  async function attempt(call: Call, signals: Signals, bill: Bill): Promise<Answer> {
    const known = amendments;
    const request = provider.buildRequest(call, known);
    const estimate = estimator.estimate(call, request.body);
    const entry = await account.open({ call, request, estimate }, signals.waiting);
    let permit: Permit | undefined;
    try {
      permit = await reserve(limiter, provider.chargeUpFront(estimate), signals.waiting);
      bill.attempts += 1;
      const response = await post(request, entry, signals.all);
      const answer = isRedirect(response) ? redirected(response) : provider.readResponse(response, known);
      const usage = entry.answered(response.status, answer);
      charge(bill, usage);
      limiter.learn(provider.readLimits(response));
      if (!answer.ok) throw new RejectionError(pacer.judge(answer.rejection, permit, bill));
      pacer.answered();
      estimator.observe(request.body, answer.completion.usage);
      permit.settle(provider.chargeAfter(estimate, usage), usage.outputTokens);
      return answer.completion;
    } catch (error) {
      entry.failed(error);
      throw error;
    } finally {
      // Nothing is taken for a request that was not answered; a settled permit stays settled.
      permit?.refund();
    }
  }

  async function post(request: ProviderRequest, entry: Entry, signal: AbortSignal): Promise<ProviderResponse> {
    const authorized = authorize(provider, request);
    const credentials = authorized instanceof Promise ? await authorized : authorized;
    entry.sending();
    try {
      return await client.post(request, credentials, signal);
    } catch (error) {
      throw rejectHttpError(error);
    }
  }

  return {
    get amendments() {
      return amendments;
    },
    async send(call, signals, bill) {
      for (let amended = 0; ; amended++) {
        try {
          return await attempt(call, signals, bill);
        } catch (error) {
          const rejection = error instanceof RejectionError ? error.rejection : undefined;
          if (rejection?.verdict !== "amend" || amended >= MAX_AMENDMENTS) throw error;
          amendments = new Set([...amendments, rejection.amendment]);
        }
      }
    },
  };
}

async function reserve(limiter: Limiter, amounts: Charge, signal: AbortSignal): Promise<Permit> {
  try {
    return await limiter.reserve(amounts, { signal });
  } catch (error) {
    if (!(error instanceof NeverFitsError)) throw error;
    throw new RejectionError({ verdict: "fail", code: "REQUEST_TOO_LARGE", message: error.message }, error);
  }
}

type Credentials = Readonly<Record<string, string>>;

/** Credentials may come from a token service, which can fail for a moment as any other. */
function authorize(provider: Provider, request: ProviderRequest): Credentials | Promise<Credentials> {
  try {
    const credentials = provider.authorize(request);
    return credentials instanceof Promise ? credentials.catch(refuseCredentials) : credentials;
  } catch (error) {
    return refuseCredentials(error);
  }
}

function refuseCredentials(error: unknown): never {
  if (isParrotError(error)) throw error;
  const message = `Cannot get credentials: ${error instanceof Error ? error.message : String(error)}`;
  throw new RejectionError({ verdict: "retry", code: "NETWORK", message }, error);
}

function isRedirect({ status }: ProviderResponse): boolean {
  return status >= 300 && status < 400;
}

function redirected({ status, headers }: ProviderResponse): {
  readonly ok: false;
  readonly rejection: Rejection;
} {
  const { location } = headers;
  const host = URL.parse(typeof location === "string" ? location : "")?.host ?? "another place";
  const message = `HTTP ${status}: the server redirects to ${host}; redirects are not followed, as they would carry the key there. Set the base URL to the right one`;
  return { ok: false, rejection: { verdict: "stop", code: "REDIRECTED", message } };
}
