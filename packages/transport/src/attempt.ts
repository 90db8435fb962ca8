import { NO_USAGE, type Completion, type Usage } from "@parallel-parrot/core";
import type { Amendment, Call, Provider, ProviderResponse, Rejection } from "@parallel-parrot/providers";
import { httpPost, sharedAgent } from "./http-post.ts";
import { NeverFitsError, type Limiter } from "./limiter.ts";
import type { ResolvedOptions } from "./options.ts";
import { rejectHttpError, RejectionError } from "./rejection-error.ts";
import { createTokenEstimator } from "./token-estimator.ts";

/** The two ways to end a request early. */
export interface Signals {
  /** Ends waiting for a turn, not a request already sent: the run is stopping. */
  readonly waiting: AbortSignal;
  /** Ends everything. */
  readonly all: AbortSignal;
}

/** An answered request, before its row's other requests are added. */
export type Answer = Omit<Completion, "attempts">;

/** Sends one request: waits for its turn, authorises, posts, reads, settles. Throws a {@linkcode RejectionError}. */
export type Attempt = (call: Call, signals: Signals, counter: { attempts: number }) => Promise<Answer>;

/** How often in a row one request may be amended. */
const MAX_AMENDMENTS = 8;
/** First pause after a throttle that names none; doubles with each in a row. */
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;

/** What a run knows of its provider: limits, token ratios, refused parameters, whether it answers at all. */
export function createAttempt(
  provider: Provider,
  limiter: Limiter,
  options: ResolvedOptions,
  onUsage: (usage: Usage) => void,
): Attempt {
  const estimator = createTokenEstimator();
  const amendments = new Set<Amendment>();
  const dispatcher = options.dispatcher ?? sharedAgent();
  const { clock } = limiter;
  let throttledInRow = 0;
  let answeredAt: number | undefined;

  async function attempt(call: Call, signals: Signals, counter: { attempts: number }): Promise<Answer> {
    const known = new Set(amendments);
    const request = provider.buildRequest(call, known);
    const estimate = estimator.estimate(call, request.body);
    const permit = await reserve(provider.chargeUpFront(estimate), signals.waiting);
    answeredAt ??= clock.now();
    counter.attempts += 1;
    const sentAt = clock.now();
    let response: ProviderResponse;
    try {
      const headers = await provider.authorize(request);
      const { attemptTimeoutMs: timeoutMs, maxResponseBytes: maxBytes } = options;
      response = await httpPost(request, { dispatcher, headers, timeoutMs, maxBytes, signal: signals.all });
    } catch (error) {
      permit.refund();
      throw rejectHttpError(error);
    }
    const answer =
      response.status >= 300 && response.status < 400
        ? redirected(response)
        : provider.readResponse(response, known);
    limiter.learn(provider.readLimits(response));
    if (!("rejection" in answer)) {
      throttledInRow = 0;
      answeredAt = clock.now();
      onUsage(answer.completion.usage);
      estimator.observe(estimate, answer.completion.usage);
      permit.settle(provider.chargeAfter(estimate, answer.completion.usage));
      return answer.completion;
    }
    permit.refund();
    throw new RejectionError(handle(answer.rejection, sentAt));
  }

  async function reserve(
    charge: ReturnType<Provider["chargeUpFront"]>,
    signal: AbortSignal,
  ): ReturnType<Limiter["reserve"]> {
    try {
      return await limiter.reserve(charge, { signal });
    } catch (error) {
      if (!(error instanceof NeverFitsError)) throw error;
      throw new RejectionError({ verdict: "fail", code: "REQUEST_TOO_LARGE", message: error.message }, error);
    }
  }

  /** Draws the consequences of a rejection for the whole run. */
  function handle(rejection: Rejection, sentAt: number): Rejection {
    if (rejection.verdict === "amend") amendments.add(rejection.amendment);
    if (rejection.verdict !== "wait") return rejection;
    const pause =
      Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(throttledInRow, 10)) * (0.5 + Math.random() / 2);
    throttledInRow += 1;
    const waitMs = rejection.retryAfterMs ?? pause;
    const silentMs = clock.now() - (answeredAt ?? clock.now());
    if (waitMs > options.maxWaitMs || silentMs > options.maxWaitMs) {
      const message = `The server asks to wait ${Math.ceil(waitMs / 1000)} s and has answered nothing for ${Math.round(silentMs / 1000)} s: ${rejection.message}`;
      return { verdict: "stop", code: "WAIT_TOO_LONG", message };
    }
    limiter.throttle(waitMs, sentAt);
    return rejection;
  }

  return async (call, signals, counter) => {
    for (let amended = 0; ; amended++) {
      try {
        return await attempt(call, signals, counter);
      } catch (error) {
        const isAmended = error instanceof RejectionError && error.rejection.verdict === "amend";
        if (!isAmended || amended >= MAX_AMENDMENTS) throw error;
      }
    }
  };
}

function redirected(response: ProviderResponse): { readonly ok: false; readonly rejection: Rejection } {
  const location = response.headers["location"];
  const host = URL.parse(typeof location === "string" ? location : "")?.host ?? "another place";
  const message = `HTTP ${response.status}: the server redirects to ${host}; redirects are not followed, as they would carry the key there. Set the base URL to the right one`;
  return { ok: false, rejection: { verdict: "stop", code: "REDIRECTED", message } };
}

/** The answer of no request at all, to add others to. */
export const NO_ANSWER: Answer = { choices: [], usage: NO_USAGE, model: "" };
