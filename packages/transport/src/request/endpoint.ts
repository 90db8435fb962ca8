import type { Dispatcher } from "undici";
import type { Limiter } from "@parallel-parrot/limiter";
import type { Amendment, Call, Estimate, Provider } from "@parallel-parrot/providers";
import type { SpendTracker } from "../budget/spend-tracker.ts";
import { BreakerWatch } from "../events/breaker-watch.ts";
import type { EventPublisher } from "../events/event-publisher.ts";
import { LimitWatch } from "../events/limit-watch.ts";
import { rejectPrompt } from "../errors/rejection-error.ts";
import { sharedAgent, type HttpClient } from "../http/http-client.ts";
import type { ResolvedOptions } from "../options.ts";
import { InFlight } from "../http/in-flight.ts";
import { AnswerTimer } from "../waiting/answer-times.ts";
import { Patience } from "../waiting/patience.ts";
import type { AnswerWait, LimitWait } from "../run-wait.ts";
import { AttemptTally } from "./attempt-tally.ts";
import type { Credentials } from "./authorize.ts";
import { CacheWarmUp } from "./cache-warm-up.ts";
import { BuiltRequest } from "./built-request.ts";
import { createClient } from "./create-client.ts";
import { learnCapacity } from "./learn-capacity.ts";
import { RefusalEvidence } from "./refusal-evidence.ts";
import type { ResponseCache } from "./response-cache.ts";
import { SameRefusals } from "./same-refusals.ts";
import { createThrottlePolicy, type ThrottlePolicy } from "./throttle-policy.ts";
import { createTokenEstimator, type TokenEstimator } from "./token-estimator.ts";

/** A request that was answered, by which an outage can be told. */
export interface AnsweredCall {
  readonly call: Call;
  /** Characters of its body. */
  readonly length: number;
}

/** What an {@linkcode Endpoint} is made of. */
export interface EndpointOptions {
  readonly provider: Provider;
  readonly limiter: Limiter;
  readonly spendTracker: SpendTracker;
  readonly options: ResolvedOptions;
}

/** An answer is slow from this time on, and where it takes so many times as long as the slowest so far. */
const SLOW_MS = 60_000;
const SLOW_TIMES = 3;

/** What one run needs to send requests to one provider, and what it has learned of it. */
export class Endpoint {
  readonly provider: Provider;
  readonly limiter: Limiter;
  readonly spendTracker: SpendTracker;
  /** The requests on their way. */
  readonly inFlight: InFlight;
  /** How long its answers took. */
  readonly answerTimer: AnswerTimer = new AnswerTimer();
  readonly client: HttpClient;
  readonly events: EventPublisher;
  readonly limitWatch: LimitWatch;
  readonly breakerWatch: BreakerWatch;
  readonly tally: AttemptTally = new AttemptTally();
  readonly estimator: TokenEstimator = createTokenEstimator();
  readonly throttlePolicy: ThrottlePolicy;
  readonly refusals: RefusalEvidence = new RefusalEvidence();
  readonly sameRefusals: SameRefusals;
  /** Whether requests mark what all prompts share for the server's prompt cache. */
  readonly marksPrefix: boolean;
  readonly warmUp: CacheWarmUp;
  readonly #dispatcher: Dispatcher;
  #hasAskedCapacity: boolean;
  /** Where its answers are found and kept; `undefined` without a journal, and until that is open. */
  cache: ResponseCache | undefined;
  /**
   * What the model has refused, and requests leave out since then. The set is replaced and never changed, as a request
   * keeps the one that it was built with.
   */
  amendments: ReadonlySet<Amendment> = new Set();
  /** What a person should know of how its responses are read. */
  readonly notices: Set<string> = new Set();
  /** The shortest request that it has answered, in this run or according to the journal. */
  shortest: AnsweredCall | undefined;

  constructor({ provider, limiter, spendTracker, options }: EndpointOptions) {
    this.provider = provider;
    this.limiter = limiter;
    this.spendTracker = spendTracker;
    const { dispatcher = sharedAgent(), attemptTimeoutMs, maxResponseBytes, events } = options;
    this.events = events;
    this.limitWatch = new LimitWatch(events, provider, limiter);
    this.breakerWatch = new BreakerWatch(events, provider);
    this.inFlight = new InFlight(new Patience(attemptTimeoutMs));
    this.#dispatcher = dispatcher;
    this.#hasAskedCapacity = provider.capacity === undefined;
    this.client = createClient(provider, { dispatcher, inFlight: this.inFlight, maxBytes: maxResponseBytes });
    const { promptCache } = provider;
    this.marksPrefix = promptCache?.by === "marks" && (options.promptCache ?? promptCache.isDefault);
    this.warmUp = new CacheWarmUp(limiter.clock, promptCache);
    this.sameRefusals = new SameRefusals(options.maxSameRefusals);
    this.throttlePolicy = createThrottlePolicy(limiter.clock, options.maxWaitMs);
  }

  /**
   * Builds a request.
   *
   * @param isAlone whether no other row is asked, so that nobody would read what it writes to the prompt cache
   * @throws RejectionError or ParrotError where the provider cannot be asked this
   */
  build(
    call: Call,
    amendments: ReadonlySet<Amendment> = this.amendments,
    isAlone: boolean = false,
  ): BuiltRequest {
    const isMarked = this.marksPrefix && !isAlone;
    // Providers that take no marks pay no heed to the prefix.
    const isPlain = isMarked || this.provider.promptCache?.by !== "marks" || call.prompt.prefix === undefined;
    const asked = isPlain ? call : withoutPrefix(call);
    try {
      return new BuiltRequest(call, this.provider.buildRequest(asked, amendments), amendments);
    } catch (error) {
      throw rejectPrompt(error, this.provider);
    }
  }

  /** Leaves out from now on what the server has refused. */
  amend(amendment: Amendment): void {
    // Hundreds of requests in flight may be refused for the same reason.
    if (!this.amendments.has(amendment)) this.amendments = new Set([...this.amendments, amendment]);
  }

  /** After the first answer, asks the server how many requests it works on at once; `undefined` after any other. */
  learnCapacity(credentials: Credentials, signal: AbortSignal): Promise<void> | undefined {
    if (this.#hasAskedCapacity) return undefined;
    this.#hasAskedCapacity = true;
    const { provider, limiter } = this;
    return learnCapacity({ dispatcher: this.#dispatcher, provider, limiter, credentials, signal });
  }

  /** What requests wait for at its rate limit; `undefined` where they do not. */
  limitWait(member?: string): LimitWait | undefined {
    const { waiting, waitingFor } = this.limiter;
    // A request that was only tried has gone elsewhere, or was done without.
    return waiting === 0 || waitingFor === undefined ? undefined : { kind: "limit", member, ...waitingFor };
  }

  /** The request that takes longest, where it takes much longer than others did. */
  answerWait(): AnswerWait | undefined {
    const { oldest, patience } = this.inFlight;
    if (oldest === undefined) return undefined;
    const sinceMs = performance.now() - oldest.sentAt;
    if (sinceMs < Math.max(SLOW_MS, SLOW_TIMES * patience.slowestMs)) return undefined;
    const ms = Math.max(patience.limitMs(oldest.answersBefore) - sinceMs, 0);
    return { kind: "answer", sinceMs, ms, slowestMs: patience.slowestMs };
  }

  /** Keeps refusals that were withheld from the journal, as the rows are at fault. */
  believe(keys: readonly string[]): Promise<void> | undefined {
    return keys.length === 0 ? undefined : this.cache?.believe(keys);
  }

  estimate({ call, request }: BuiltRequest): Estimate {
    return this.estimator.estimate(call, request);
  }

  /** Notes that it has answered this request, and what is to be told of the answer. */
  noteAnswer({ call, request }: BuiltRequest, notice: string | undefined): void {
    if (notice !== undefined) this.notices.add(notice);
    const { length } = request.body;
    if (length < (this.shortest?.length ?? Number.POSITIVE_INFINITY)) this.shortest = { call, length };
  }
}

function withoutPrefix({ prompt, params, shape, n }: Call): Call {
  return { prompt: { messages: prompt.messages }, params, shape, n };
}
