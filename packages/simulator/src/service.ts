import type { IncomingHttpHeaders } from "node:http";
import { applyAnswerFault, concerns, errorOfFault, isAnswerFault, isDeliveryFault } from "./answer-fault.ts";
import { answerRequest } from "./answer.ts";
import { checkAccess, checkRequest } from "./check-request.ts";
import type { SimAnswer, SimError, SimRequest, SimResponse, SimTarget } from "./dialect.ts";
import type { AnswerFault, DeliveryFault, Fault } from "./fault.ts";
import { planImmediateFault, type ImmediatePlan } from "./immediate-fault.ts";
import { drawLatencyMs } from "./latency.ts";
import type { OpenEntry } from "./ledger.ts";
import { createLimiter, type Admission, type Limiter } from "./limiter.ts";
import type { Settings } from "./options.ts";
import { createRandom, type Random } from "./random.ts";
import type { Repeat } from "./repeats.ts";
import { count, createCounters, type Counters } from "./stats.ts";
import { countPromptTokens } from "./tokens.ts";

/** A request that arrived whole, or too large to be taken whole. */
export interface Arrival {
  readonly entry: OpenEntry;
  readonly target: SimTarget;
  readonly headers: IncomingHttpHeaders;
  readonly bodyTooLarge: boolean;
  readonly repeat: Repeat;
}

/** What to do with a request. */
export type Plan =
  | Exclude<ImmediatePlan, { readonly kind: "respond" }>
  | {
      readonly kind: "respond";
      readonly delayMs: number;
      /** Called once, when the response is due. */
      readonly produce: () => SimResponse;
      readonly delivery: DeliveryFault | undefined;
    };

/** A fault of an answer, which is checked, limited and charged all the same. */
type LateFault = AnswerFault | DeliveryFault;

/** The simulated API behind the HTTP server. */
export class Service {
  readonly #settings: Settings;
  readonly #now: () => number;
  limiter: Limiter;
  counters: Counters = createCounters();

  /** @param now A clock in milliseconds that only goes forward. */
  constructor(settings: Settings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
    this.limiter = createLimiter(settings.limits);
  }

  /** Decides what to do with a request. */
  plan(arrival: Arrival): Plan {
    const { entry } = arrival;
    const { faults, dialect } = this.#settings;
    const { sequence, attempt, method, path, body } = entry;
    const random = this.#random(entry, 1);
    const fault = faults({ sequence, attempt, method, path, body, random });
    const error = checkAccess(arrival, this.#settings);
    if (fault === undefined || isAnswerFault(fault) || isDeliveryFault(fault))
      return this.#planAnswer(arrival, error, fault);
    this.#countFault(entry, fault);
    const plan = planImmediateFault(fault, entry, dialect);
    return plan.kind === "respond" ? this.#respond(entry, plan.produce) : plan;
  }

  /** Draws that follow from the seed and the request, apart for each purpose. */
  #random({ bodyHash, attempt }: OpenEntry, purpose: number): Random {
    return createRandom(this.#settings.seed, Number.parseInt(bodyHash.slice(0, 8), 16), attempt, purpose);
  }

  #planAnswer(
    { entry, target, repeat }: Arrival,
    accessError: SimError | undefined,
    fault: LateFault | undefined,
  ): Plan {
    const { dialect, models } = this.#settings;
    const { method, path } = target;
    const route = dialect.matchRoute(target);
    if (route === undefined) return this.#refuse(entry, { kind: "pathNotFound", method, path });
    if (accessError !== undefined) return this.#refuse(entry, accessError);
    if (route.kind === "models")
      return this.#respond(entry, () => dialect.writeModels(models ?? ["simulated-model"]));
    if (entry.body === undefined) return this.#refuse(entry, { kind: "bodyNotJson" });
    const reading = dialect.readRequest(entry.body, route);
    if ("error" in reading) return this.#refuse(entry, reading.error);
    const { request } = reading;
    return this.#planCompletion(entry, request, repeat, concerns(fault, request) ? fault : undefined);
  }

  #planCompletion(entry: OpenEntry, request: SimRequest, repeat: Repeat, fault: LateFault | undefined): Plan {
    const { model, n, maxTokens, messages } = request;
    entry.model = model;
    const inputTokens = countPromptTokens(messages);
    const error = checkRequest(request, inputTokens, this.#settings);
    if (error !== undefined) return this.#refuse(entry, error);

    const maxOutputTokens = maxTokens === undefined ? undefined : n * maxTokens;
    const admission = this.limiter.admit({ inputTokens, maxOutputTokens }, this.#now());
    if (!admission.admitted) {
      this.counters.refused429 += 1;
      return this.#refuse(
        entry,
        limitError(admission, model),
        "waitMs" in admission ? admission.waitMs : undefined,
      );
    }
    entry.tokensCharged = admission.tokensCharged;
    this.counters.inputTokens += inputTokens;
    if (fault !== undefined) this.#countFault(entry, fault);
    const faultError = errorOfFault(fault, request);
    if (faultError !== undefined) return this.#refuse(entry, faultError);

    const answer = this.#answer(entry, request, inputTokens, repeat, fault);
    return this.#deliver(entry, request, answer, admission.chargesOutput, fault);
  }

  #answer(
    entry: OpenEntry,
    request: SimRequest,
    inputTokens: number,
    repeat: Repeat,
    fault: LateFault | undefined,
  ): SimAnswer {
    const { answer: ownAnswer, varyRepeats } = this.#settings;
    const first = varyRepeats ? repeat.answers * request.n : 0;
    repeat.answers += 1;
    const id = entry.bodyHash.slice(0, 24);
    const answer = answerRequest(request, { id, inputTokens, first, ownAnswer });
    return fault !== undefined && isAnswerFault(fault) ? applyAnswerFault(answer, fault) : answer;
  }

  #deliver(
    entry: OpenEntry,
    request: SimRequest,
    answer: SimAnswer,
    chargesOutput: boolean,
    fault: LateFault | undefined,
  ): Plan {
    const { dialect, latency, timeScale } = this.#settings;
    const { outputTokens } = answer;
    const latencyMs = drawLatencyMs(latency, outputTokens, this.#random(entry, 2));
    const delayMs = (fault?.kind === "delay" ? fault.ms : latencyMs) * timeScale;
    const produce = (): SimResponse => {
      this.counters.outputTokens += outputTokens;
      if (chargesOutput) {
        this.limiter.chargeOutput(outputTokens, this.#now());
        entry.tokensCharged += outputTokens;
      }
      if (fault === undefined) this.counters.answered += 1;
      return this.#withLimits(dialect.writeAnswer(answer, request), undefined);
    };
    const delivery = fault !== undefined && isDeliveryFault(fault) ? fault : undefined;
    return this.#respond(entry, produce, delayMs, delivery);
  }

  #refuse(entry: OpenEntry, error: SimError, waitMs?: number): Plan {
    const tellsLimits = error.kind === "rateLimit" || error.kind === "requestTooLarge";
    const response = this.#settings.dialect.writeError(error);
    return this.#respond(entry, () => (tellsLimits ? this.#withLimits(response, waitMs) : response));
  }

  #withLimits(response: SimResponse, waitMs: number | undefined): SimResponse {
    if (!this.limiter.tellsLimits) return response;
    const limits = this.#settings.dialect.writeLimits(this.limiter.state(this.#now()), waitMs);
    return { ...response, headers: { ...response.headers, ...limits } };
  }

  #respond(entry: OpenEntry, respond: () => SimResponse, delayMs = 0, delivery?: DeliveryFault): Plan {
    const produce = (): SimResponse => {
      const response = respond();
      entry.status = response.status;
      count(this.counters.byStatus, response.status);
      return response;
    };
    return { kind: "respond", delayMs, produce, delivery };
  }

  #countFault(entry: OpenEntry, fault: Fault): void {
    entry.fault = fault.kind;
    count(this.counters.byFault, fault.kind);
  }
}

function limitError(refused: Extract<Admission, { admitted: false }>, model: string): SimError {
  const { limit, requested } = refused;
  if (refused.tooLarge) return { kind: "requestTooLarge", model, limit, requested };
  const { dimension, used, waitMs } = refused;
  return { kind: "rateLimit", model, dimension, detail: { limit, used, requested, waitMs } };
}
