import {
  applyAnswerFault,
  concerns,
  errorOfFault,
  impossibility,
  isAnswerFault,
  isDeliveryFault,
} from "../faults/answer-fault.ts";
import { BatchDesk } from "../batches/batch-desk.ts";
import type { BatchCall } from "../batches/batch-api.ts";
import { answerRequest } from "../answers/answer-request.ts";
import { Apis, type Found } from "../dialects/apis.ts";
import { PromptCache, type CacheUse } from "../caching/prompt-cache.ts";
import { checkAccess, checkRequest } from "./check-request.ts";
import type { Dialect, SimAnswer, SimError, SimRequest, SimResponse, SimTarget } from "../dialect.ts";
import { writeErrorInside } from "../faults/error-inside.ts";
import { inItsForm } from "../faults/stream-fault.ts";
import { wrapped } from "../faults/wrapped.ts";
import type { AnswerFault, DeliveryFault, Fault } from "../faults/fault.ts";
import { planImmediateFault, type ImmediatePlan } from "../faults/immediate-fault.ts";
import { drawLatencyMs } from "./latency.ts";
import { idOf, type OpenEntry } from "./ledger.ts";
import { createLimiter, type Admission, type Limiter } from "../limits/limiter.ts";
import type { Settings } from "./options.ts";
import { createRandom, type Random } from "../random.ts";
import type { Repeat } from "./repeats.ts";
import { count, createCounters, type Counters } from "./stats.ts";
import { countPromptTokens } from "../tokens.ts";

/** A request whose body was received, or is too large to be received. */
export interface Arrival {
  readonly entry: OpenEntry;
  readonly target: SimTarget;
  readonly bodyTooLarge: boolean;
  /** The body; empty if it is too large. */
  readonly bytes: Buffer;
  /** The address of the server, as the client knows it. */
  readonly origin: string;
  readonly repeat: Repeat;
}

/** What to do with a request. */
export type Plan =
  | Exclude<ImmediatePlan, { readonly kind: "respond" }>
  | {
      readonly kind: "respond";
      readonly delayMs: number;
      /** Makes the response; called once, when it is due. */
      readonly produce: () => SimResponse;
      readonly delivery: DeliveryFault | undefined;
    };

/** A fault of an answer: its request is checked, limited and charged like any other. */
type LateFault = AnswerFault | DeliveryFault;

/** A request that was read and checked. */
interface Asked {
  readonly entry: OpenEntry;
  readonly dialect: Dialect;
  readonly request: SimRequest;
}

/** The simulated API behind the HTTP server. */
export class Service {
  readonly #settings: Settings;
  readonly apis: Apis;
  readonly #now: () => number;
  readonly batches: BatchDesk;
  readonly promptCache: PromptCache | undefined;
  limiter: Limiter;
  counters: Counters = createCounters();

  /** @param now A clock in milliseconds that only goes forward. */
  constructor(settings: Settings, now: () => number) {
    this.#settings = settings;
    this.apis = new Apis(settings.dialect);
    this.#now = now;
    this.limiter = createLimiter(settings.limits);
    this.batches = new BatchDesk(settings, now);
    const { promptCache } = settings;
    this.promptCache = promptCache === undefined ? undefined : new PromptCache(promptCache, now);
  }

  /** The size of the largest body that is read at a target. */
  maxBodyBytes(target: SimTarget): number {
    const { maxBodyBytes, batch } = this.#settings;
    // A form has some bytes more than its file.
    return this.apis.find(target).route?.kind === "batch" ? batch.maxBytes + 10_000 : maxBodyBytes;
  }

  /** Plans what to do with a request. */
  plan(arrival: Arrival): Plan {
    const { entry, target, bodyTooLarge } = arrival;
    const found = this.apis.find(target);
    const dialect = found.dialect.name;
    entry.dialect = dialect;
    const { sequence, attempt, method, path, body } = entry;
    const random = this.#random(entry, 1);
    const fault = this.#settings.faults({ sequence, attempt, method, path, dialect, body, random });
    const impossible = impossibility(fault, found.dialect);
    if (impossible !== undefined)
      return this.#respond(entry, () => ({ status: 501, headers: {}, body: impossible }));
    const error = checkAccess(found, entry, this.#settings, bodyTooLarge);
    if (fault === undefined || isAnswerFault(fault) || isDeliveryFault(fault))
      return this.#planAnswer(arrival, found, error, fault);
    this.#countFault(entry, fault);
    const plan = planImmediateFault(fault, { ...found, id: idOf(entry), body });
    return plan.kind === "respond" ? this.#respond(entry, plan.produce) : plan;
  }

  /** A source of random numbers for one purpose, which depends only on the seed and the request. */
  #random({ bodyHash, attempt }: OpenEntry, purpose: number): Random {
    return createRandom(this.#settings.seed, Number.parseInt(bodyHash.slice(0, 8), 16), attempt, purpose);
  }

  #planAnswer(
    arrival: Arrival,
    found: Found,
    accessError: SimError | undefined,
    fault: LateFault | undefined,
  ): Plan {
    const { entry, repeat } = arrival;
    const { dialect, route, target } = found;
    const { models } = this.#settings;
    const { method, path } = target;
    if (route === undefined) return this.#refuse(entry, dialect, { kind: "pathNotFound", method, path });
    if (accessError !== undefined) return this.#refuse(entry, dialect, accessError);
    if (route.kind === "models")
      return this.#respond(entry, () => dialect.writeModels(models ?? ["simulated-model"]));
    if (route.kind === "batch") return this.#planBatch(arrival, found, route.call, fault);
    if (entry.body === undefined) return this.#refuse(entry, dialect, { kind: "bodyNotJson" });
    const reading = dialect.readRequest(entry.body, route, target);
    if ("error" in reading) return this.#refuse(entry, dialect, reading.error);
    const { request } = reading;
    const asked = { entry, dialect, request };
    return this.#planCompletion(asked, repeat, concerns(fault, request) ? fault : undefined);
  }

  /** Carries out a request to the batches. Faults of answers have no effect on it. */
  #planBatch(
    { entry, bytes, origin }: Arrival,
    { dialect, dialects, target }: Found,
    call: BatchCall,
    fault: LateFault | undefined,
  ): Plan {
    const { batches: api } = dialect;
    const { method, path } = target;
    if (api === undefined) return this.#refuse(entry, dialect, { kind: "pathNotFound", method, path });
    const delivery = fault !== undefined && isDeliveryFault(fault) ? fault : undefined;
    if (delivery !== undefined) this.#countFault(entry, delivery);
    const mount = entry.path.slice(0, entry.path.length - path.length);
    const baseUrl = `${origin}${mount}${dialect.basePath}`;
    const { body } = entry;
    const key = dialect.readKey(target.headers, target.query) ?? "";
    const project = this.#settings.batch.otherKeys.indexOf(key) + 1;
    const handle = (): SimResponse =>
      this.batches.handle({ call, api, dialects, target, bytes, body, project, baseUrl });
    return this.#respond(entry, handle, 0, delivery);
  }

  #planCompletion(asked: Asked, repeat: Repeat, fault: LateFault | undefined): Plan {
    const { entry, dialect, request } = asked;
    const { model, n, maxTokens, reservedTokens = maxTokens, messages, truncates = false } = request;
    entry.model = model;
    const promptTokens = countPromptTokens(messages);
    const inputTokens = truncates ? Math.min(promptTokens, this.#settings.contextTokens) : promptTokens;
    const error = checkRequest(request, inputTokens, this.#settings);
    if (error !== undefined) return this.#refuse(entry, dialect, error);

    const maxOutputTokens = reservedTokens === undefined ? undefined : n * reservedTokens;
    const { charge, countsCached = true } = dialect;
    const use = this.promptCache?.look(request);
    const counted = countsCached ? inputTokens : inputTokens - (use?.readTokens ?? 0);
    const admission = this.limiter.admit({ inputTokens: counted, maxOutputTokens, charge }, this.#now());
    if (!admission.admitted) {
      this.counters.refused429 += 1;
      const waitMs = "waitMs" in admission ? admission.waitMs : undefined;
      return this.#refuse(entry, dialect, limitError(admission, model), waitMs);
    }
    entry.tokensCharged = admission.tokensCharged;
    this.counters.inputTokens += inputTokens;
    if (fault !== undefined) this.#countFault(entry, fault);
    const faultError = errorOfFault(fault, request, dialect);
    if (faultError !== undefined) return this.#refuse(entry, dialect, faultError);

    const answer = this.#answer(entry, request, inputTokens, repeat, fault);
    const told = use === undefined ? answer : this.#withCache(answer, use);
    return this.#deliver({ ...asked, use }, told, admission.chargesOutput, fault);
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
    const answer = answerRequest(request, { id: idOf(entry), inputTokens, first, ownAnswer });
    return fault !== undefined && isAnswerFault(fault) ? applyAnswerFault(answer, fault, request) : answer;
  }

  #withCache(answer: SimAnswer, { readTokens, writtenTokens }: CacheUse): SimAnswer {
    this.counters.cachedTokens += readTokens;
    this.counters.cacheWriteTokens += writtenTokens;
    return { cachedTokens: readTokens, cacheWriteTokens: writtenTokens, ...answer };
  }

  #deliver(
    { entry, dialect, request, use }: Asked & { readonly use: CacheUse | undefined },
    answer: SimAnswer,
    chargesOutput: boolean,
    fault: LateFault | undefined,
  ): Plan {
    const { latency, timeScale } = this.#settings;
    const outputTokens = answer.outputTokens + (answer.thinkingTokens ?? 0);
    const latencyMs = drawLatencyMs(latency, outputTokens, this.#random(entry, 2));
    const delayMs = (fault?.kind === "delay" ? fault.ms : latencyMs) * timeScale;
    const produce = (): SimResponse => {
      use?.keep();
      this.counters.outputTokens += outputTokens;
      if (chargesOutput) {
        this.limiter.chargeOutput(outputTokens, this.#now());
        entry.tokensCharged += outputTokens;
      }
      if (fault === undefined) this.counters.answered += 1;
      const response =
        fault?.kind === "errorInside"
          ? writeErrorInside(fault, dialect, answer.id)
          : dialect.writeAnswer(answer, request);
      const formed = inItsForm(response, { dialect, request, fault });
      const sent = fault?.kind === "wrapped" ? { ...formed, body: wrapped(formed.body, fault) } : formed;
      return this.#withLimits(dialect, sent, undefined);
    };
    const delivery = fault !== undefined && isDeliveryFault(fault) ? fault : undefined;
    return this.#respond(entry, produce, delayMs, delivery);
  }

  #refuse(entry: OpenEntry, dialect: Dialect, error: SimError, waitMs?: number): Plan {
    const isForRate = error.kind === "rateLimit" || error.kind === "requestTooLarge";
    const tellsLimits = isForRate && dialect.limitsOnRefusals !== false;
    const response = dialect.writeError(error, idOf(entry));
    return this.#respond(entry, () => (tellsLimits ? this.#withLimits(dialect, response, waitMs) : response));
  }

  #withLimits(dialect: Dialect, response: SimResponse, waitMs: number | undefined): SimResponse {
    if (!this.limiter.tellsLimits) return response;
    const limits = dialect.writeLimits(this.limiter.state(this.#now()), waitMs, Date.now());
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
  const { dimension, limit, requested } = refused;
  if (refused.tooLarge) return { kind: "requestTooLarge", model, dimension, limit, requested };
  const { windowMs, used, waitMs } = refused;
  return { kind: "rateLimit", model, dimension, detail: { limit, windowMs, used, requested, waitMs } };
}
