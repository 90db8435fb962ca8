import { addUsage, NO_USAGE } from "@parallel-parrot/core";
import type { JournalRun } from "@parallel-parrot/journal";
import type { Clock } from "@parallel-parrot/limiter";
import { paramsNotSent, type Call, type ParamName, type Provider } from "@parallel-parrot/providers";
import type { Budget } from "../budget/budget.ts";
import type { CompletionProgress } from "../progress.ts";
import type { ResolvedOptions } from "../options.ts";
import type { Endpoint } from "../request/endpoint.ts";
import { exchange, type Answer } from "../request/exchange.ts";
import { ResponseCache } from "../request/response-cache.ts";
import type { RoutedRequest } from "../request/routed-request.ts";
import type { RowContext } from "../request/row-context.ts";
import type { Signals } from "../waiting/signals.ts";
import { Backoffs } from "../waiting/backoffs.ts";
import { sleep } from "../waiting/sleep.ts";
import { addErrors } from "../request/attempt-tally.ts";
import { CacheLookup } from "./cache-lookup.ts";
import type { Canary } from "./canary.ts";
import { ParkedRequest, type Parking } from "./parking.ts";
import type { Outage, Router } from "./router.ts";

/** The part of a run's progress that its sender knows. */
export type SenderProgress = Omit<
  CompletionProgress,
  | "completed"
  | "skipped"
  | "passed"
  | "failed"
  | "equal"
  | "reused"
  | "shared"
  | "paidBefore"
  | "models"
  | "batch"
  | "groups"
>;

/** What {@linkcode RequestSender} puts together. */
export interface RequestSenderOptions<E extends Endpoint> {
  readonly router: Router<E>;
  readonly canary: Canary;
  readonly clock: Clock;
  readonly budget: Budget | undefined;
  readonly options: ResolvedOptions;
}

const NO_PARAMS: ReadonlySet<ParamName> = new Set();

/** Sends the requests of one run, to one endpoint or to several. */
export class RequestSender<E extends Endpoint = Endpoint> {
  readonly clock: Clock;
  readonly outage: Outage;
  /** Takes the requests in the place of the server, but for those of the row that goes alone. */
  parking: Parking | undefined;
  readonly #router: Router<E>;
  readonly #canary: Canary;
  readonly #budget: Budget | undefined;
  readonly #options: ResolvedOptions;
  readonly #lookup: CacheLookup<E>;
  /** The requests that wait before they are sent again. */
  readonly #backoffs = new Backoffs();
  #retries = 0;

  constructor({ router, canary, clock, budget, options }: RequestSenderOptions<E>) {
    this.clock = clock;
    this.outage = router.outage;
    this.#router = router;
    this.#canary = canary;
    this.#budget = budget;
    this.#options = options;
    this.#lookup = new CacheLookup(router, options.askEqualOnce);
  }

  /** Goes on with a run of a journal: answers are found and kept there from now on. */
  open(run: JournalRun): void {
    for (const endpoint of this.#router.endpoints) {
      const { provider, spendTracker } = endpoint;
      endpoint.cache = new ResponseCache(run, provider, spendTracker, this.#options);
    }
  }

  /**
   * Finds the answer to one request in the journal, or picks an endpoint, sends it there and keeps the answer. What
   * was paid for goes on the run's spending at once, and is charged to the row. Throws a `RejectionError` that fails
   * the row, or what stops the run.
   */
  send(routed: RoutedRequest, signals: Signals): Promise<Answer> {
    routed.begin();
    return this.findOr(routed, signals, () => this.#ask(routed, signals));
  }

  /**
   * Finds the answer to one request in the journal, or gets it in another way. Of equal rows that share an answer, one
   * gets it.
   */
  findOr<T extends Answer | undefined>(
    routed: RoutedRequest,
    signals: Signals,
    get: () => Promise<T>,
  ): Promise<Answer | T> {
    return this.#lookup.isOpen ? this.#findOrGet(routed, signals, get) : get();
  }

  /** Waits for the row's turn. Whether it is the row that goes alone, to show that the server works. */
  async goesAlone(routed: RoutedRequest, { waiting }: Signals): Promise<boolean> {
    waiting.throwIfAborted();
    if (!this.#canary.isOpen) await (routed.row.entering ??= this.#enter(routed, waiting));
    return !this.#canary.isOpen;
  }

  /** As {@linkcode send}, for a request that has failed before. */
  sendAgain(routed: RoutedRequest, signals: Signals): Promise<Answer> {
    this.#retries += 1;
    return this.send(routed, signals);
  }

  /** Waits before a request is sent again that has failed with this message. */
  backOff(ms: number, message: string, row: RowContext, { waiting }: Signals): Promise<void> {
    const wait = this.#options.events.waiting("backoff", row, sleep(this.clock, ms, waiting));
    return this.#backoffs.during(wait, message);
  }

  /** The answer to one request from the journal, with nothing asked or awaited; throws where it finds a refusal. */
  cached(routed: RoutedRequest): Answer | undefined {
    return this.#lookup.isOpen ? this.#lookup.find(routed) : undefined;
  }

  /** Notes on the row whether an earlier run was done with it, before several requests are sent for it. */
  peek(call: Call, replicates: readonly number[], row: RowContext): void {
    this.#lookup.peek(call, replicates, row);
  }

  /** Whether an outage is the reason that a row has used its attempts. Waits for the end of the outage. */
  forgives(row: RowContext, signals: Signals): Promise<boolean> {
    return this.#router.forgives(row, signals);
  }

  get endpoints(): readonly E[] {
    return this.#router.endpoints;
  }

  /** Whether something was answered that can be asked again, in this run or an earlier one. */
  get hasAnswer(): boolean {
    return this.#router.endpoints.some(({ shortest }) => shortest !== undefined);
  }

  /** Ends what goes on beside the rows. */
  async close(): Promise<void> {
    await this.#router.close();
    for (const endpoint of this.#router.endpoints) await endpoint.believe(endpoint.sameRefusals.end());
  }

  /** @param own the parameters that rows have set themselves */
  progress(own: ReadonlySet<ParamName> = NO_PARAMS): SenderProgress {
    const { endpoints, waiting, waits, cost, members } = this.#router;
    const trackers = endpoints.map(({ spendTracker }) => spendTracker);
    return {
      inFlight: endpoints.reduce((sum, { limiter }) => sum + limiter.inFlight, 0),
      waiting: waiting + this.#canary.waiting,
      backingOff: this.#backoffs.count,
      lastFailure: this.#backoffs.lastFailure,
      retries: this.#retries,
      throttles: endpoints.reduce((sum, { tally }) => sum + tally.throttles, 0),
      errors: addErrors(endpoints.map(({ tally }) => tally.errors)),
      waits,
      isOutage: waits.some(({ kind }) => kind === "outage"),
      usage: trackers.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE),
      usageIsEstimated: trackers.some(({ usageIsEstimated }) => usageIsEstimated),
      lostAnswers: trackers.reduce((sum, { lostAnswers }) => sum + lostAnswers, 0),
      cost,
      cacheSaving:
        cost === undefined ? undefined : trackers.reduce((sum, { cacheSaving }) => sum + cacheSaving, 0),
      budget: this.#budget?.state,
      limits: endpoints.flatMap(({ limiter }) => limiter.limits),
      amendments: [...new Set(endpoints.flatMap(({ amendments }) => Array.from(amendments)))],
      paramsNotSent: [...new Set(endpoints.flatMap(({ provider }) => this.#notSentTo(provider, own)))],
      notices: [...new Set(endpoints.flatMap(({ notices }) => Array.from(notices)))],
      members,
    };
  }

  #notSentTo({ capabilities }: Provider, own: ReadonlySet<ParamName>): readonly ParamName[] {
    const ofRows = Object.fromEntries(Array.from(own, (name) => [name, true]));
    return paramsNotSent({ ...this.#options, ...ofRows }, capabilities);
  }

  async #findOrGet<T extends Answer | undefined>(
    routed: RoutedRequest,
    signals: Signals,
    get: () => Promise<T>,
  ): Promise<Answer | T> {
    for (;;) {
      const found = this.#lookup.find(routed);
      if (found !== undefined) return found;
      const pending = this.#lookup.claim(routed, signals.waiting);
      if (pending !== undefined) {
        await pending;
        continue;
      }
      try {
        return await get();
      } finally {
        this.#lookup.release(routed);
      }
    }
  }

  /** Waits for the row's turn, and finds out whether there are others that would read what it writes to a prompt cache. */
  async #enter(routed: RoutedRequest, signal: AbortSignal): Promise<void> {
    const { row } = routed;
    await this.#canary.enter(row, signal);
    if (this.#canary.isOpen || this.#options.promptCache !== undefined) return;
    if (this.#router.endpoints.some((endpoint) => wouldMark(endpoint, routed)))
      row.isAlone = !(await this.#canary.hasCompany(this.clock, signal));
  }

  /** Sends the request until an endpoint has answered, or its row has to deal with the error. */
  async #ask(routed: RoutedRequest, signals: Signals): Promise<Answer> {
    const { row } = routed;
    const { waiting } = signals;
    const { semaphore } = this.#router;
    // A request that can be sent at once waits for nothing that would tell it that the run is stopping.
    waiting.throwIfAborted();
    const { parking } = this;
    if (parking !== undefined) await this.#refuseParked(parking, routed, signals);
    if (!this.#canary.isOpen)
      await (row.entering ??= this.#options.events.waiting("first-row", row, this.#enter(routed, waiting)));
    if (parking?.takes === true && this.#canary.isOpen) return this.#park(parking, routed, signals);
    const admitted = semaphore?.acquire(waiting);
    if (admitted !== undefined) await admitted;
    row.startDeadline?.();
    try {
      for (;;) {
        // An earlier run may have asked without what is left out only now.
        const found = this.#lookup.findAnew(routed);
        if (found !== undefined) return found;
        waiting.throwIfAborted();
        const picked = this.#router.pick(routed, signals);
        const lease = picked instanceof Promise ? await picked : picked;
        try {
          const answer = await exchange(lease, signals);
          if (answer !== undefined) return answer;
        } catch (error) {
          if (!routed.amend(lease.endpoint, error)) this.#router.failed(error, lease);
        }
      }
    } finally {
      semaphore?.release();
    }
  }

  async #refuseParked(parking: Parking, routed: RoutedRequest, signals: Signals): Promise<void> {
    const isParked = parking.has(routed, signals);
    if (isParked instanceof Promise ? await isParked : isParked) throw new ParkedRequest();
  }

  /** Parks the request, unless the journal has an answer by now. */
  async #park(parking: Parking, routed: RoutedRequest, signals: Signals): Promise<Answer> {
    const found = this.#lookup.findAnew(routed);
    if (found !== undefined) return found;
    await parking.take(routed, signals);
    throw new ParkedRequest();
  }
}

function wouldMark(endpoint: Endpoint, routed: RoutedRequest): boolean {
  try {
    return endpoint.marksPrefix && routed.buildFor(endpoint).request.isMarked === true;
  } catch {
    // Whoever picks this endpoint meets the same error, and deals with it.
    return false;
  }
}
