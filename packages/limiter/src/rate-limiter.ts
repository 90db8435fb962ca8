import type { Charge, LimitReading } from "./quota/charge.ts";
import { systemClock, type Clock } from "./time/clock.ts";
import { AdaptiveConcurrency } from "./concurrency/adaptive-concurrency.ts";
import type { Limiter } from "./limiter.ts";
import type { LimitState } from "./quota/limit-state.ts";
import { checkCount, type LimiterOptions } from "./options.ts";
import { OwnedPermit, type Permit, type PermitOwner, type Refusal } from "./permit.ts";
import { OwnPace } from "./pace/own-pace.ts";
import type { Pace } from "./pace/pace.ts";
import { MAX_OVERTAKEN, FairQueue, type Waiter } from "./fair-queue.ts";
import { addTo, mapCharge, type Amounts, type Demand } from "./shared/demand.ts";
import { SharedPace } from "./shared/shared-pace.ts";
import { listLimits } from "./quota/rate-limits.ts";
import { WakeTimer } from "./time/wake-timer.ts";
import type { Wait } from "./wait.ts";

/** What requests take is told by so many of those that wait. */
const DEMAND_SAMPLE = 64;

/** Who is given a permit, or told why there is none. */
export interface Caller {
  readonly resolve: (permit: Permit) => void;
  readonly reject: (reason: unknown) => void;
  readonly signal?: AbortSignal | undefined;
}

interface PendingReserve extends Waiter, Caller {
  readonly abort: (() => void) | undefined;
}

/** The limiter that `createLimiter` makes. It decides which requests may go, which wait, and when to look again. */
export class RateLimiter implements Limiter, PermitOwner {
  readonly clock: Clock;
  readonly #pace: Pace;
  readonly #concurrency: AdaptiveConcurrency;
  readonly #timer: WakeTimer;
  readonly #queue: FairQueue<PendingReserve> = new FairQueue();
  #inFlight = 0;
  /** Number of the next permit. */
  #next = 0;
  /** What the last `tryReserve` asked for, where it gave no permit: its caller could send more than it may. */
  #denied: Charge | undefined;
  #isAdmitting = false;

  constructor(options: LimiterOptions) {
    const { clock = systemClock, random = Math.random, latencySignal = true } = options;
    const max = checkCount("maxConcurrency", options.maxConcurrency ?? 10_000);
    const start = checkCount("startConcurrency", options.startConcurrency ?? options.maxConcurrency ?? 16);
    this.clock = clock;
    this.#timer = new WakeTimer(clock, () => this.#admit());
    this.#pace =
      options.source === undefined
        ? new OwnPace(options.limits ?? {}, random)
        : new SharedPace({
            source: options.source,
            told: listLimits(options.limits ?? {}),
            clock,
            random,
            demand: () => this.#demand(),
            changed: () => this.#paceChanged(),
          });
    this.#concurrency = new AdaptiveConcurrency({ start, max, isOn: latencySignal });
    if (this.#pace.isPaced) this.#concurrency.open();
  }

  reserve(charge: Charge, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<Permit> {
    const { promise, resolve, reject } = Promise.withResolvers<Permit>();
    this.enqueue(charge, { resolve, reject, signal });
    return promise;
  }

  /** `reserve` without a promise: calls `resolve` at once where the request may go now. */
  enqueue(charge: Charge, { resolve, reject, signal }: Caller): void {
    try {
      signal?.throwIfAborted();
      const permit = this.tryReserve(charge);
      if (permit !== undefined) return resolve(permit);
    } catch (error) {
      return reject(error);
    }
    const waiter: PendingReserve = {
      charge,
      resolve,
      reject,
      signal,
      abort: signal === undefined ? undefined : () => this.#abort(waiter),
      overtaken: 0,
      isWaiting: false,
      previous: undefined,
      next: undefined,
    };
    if (waiter.abort !== undefined) signal?.addEventListener("abort", waiter.abort, { once: true });
    this.#queue.add(waiter);
    // The others have their timer already; this one may be ready before them.
    if (this.#queue.length > MAX_OVERTAKEN + 1) return;
    const now = this.clock.now();
    this.#timer.set(this.#readyAt(charge, now), now);
  }

  tryReserve(charge: Charge): Permit | undefined {
    const tooLarge = this.#pace.neverFits(charge);
    if (tooLarge !== undefined) throw tooLarge;
    const now = this.clock.now();
    const isBusy = this.#denied !== undefined || this.#queue.length > 0;
    this.#denied = this.#isNext(charge, now) ? undefined : charge;
    if (this.#denied === undefined) return this.#send(charge, now, isBusy);
    this.#pace.wanted(charge, now);
    return undefined;
  }

  learn(readings: readonly LimitReading[]): void {
    if (readings.length === 0) return;
    const now = this.clock.now();
    if (this.#pace.learn(readings, this.#next, now)) this.#paceChanged();
  }

  startWith(concurrency: number): void {
    this.#concurrency.startWith(checkCount("concurrency", concurrency));
    this.#admit();
  }

  get limits(): readonly LimitState[] {
    return this.#pace.limits(this.clock.now());
  }

  get discoveredPerMinute(): number | undefined {
    return this.#pace.discoveredPerMinute;
  }

  get concurrency(): number {
    return this.#concurrency.window;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  get waitingFor(): Wait | undefined {
    const charge = this.#queue.first?.charge ?? this.#denied;
    return charge === undefined ? undefined : this.#pace.waitFor(charge, this.clock.now());
  }

  settled(permit: OwnedPermit, actual: Charge, output: number): void {
    const now = this.clock.now();
    const isFull = this.#inFlight >= this.#concurrency.window;
    const isHeld = isFull || this.#concurrency.readyAt(now) > now;
    this.#inFlight -= 1;
    const isLess = this.#pace.settled(permit, actual, now);
    const work = output > 0 ? output : 1;
    const hasDemand = isHeld && (this.#queue.length > 0 || this.#denied !== undefined);
    this.#concurrency.answered(now - permit.sentAt, work, hasDemand, this.#inFlight, now);
    this.#closed(isFull, isLess, now);
  }

  refunded(permit: OwnedPermit): void {
    const now = this.clock.now();
    const isFull = this.#inFlight >= this.#concurrency.window;
    this.#inFlight -= 1;
    this.#pace.refunded(permit, now);
    this.#closed(isFull, true, now);
  }

  throttled(permit: OwnedPermit, refusal: Refusal): void {
    const now = this.clock.now();
    this.#inFlight -= 1;
    if (this.#pace.throttled(permit, refusal, this.#next, now)) this.#concurrency.open();
    if (this.#queue.length > 0) this.#admit();
  }

  /** More may go than before, or another limit is in force. */
  #paceChanged(): void {
    if (this.#pace.isPaced) this.#concurrency.open();
    this.#rejectNeverFitting();
    this.#admit();
  }

  #demand(): Demand {
    const { first, length } = this.#queue;
    const sum: Amounts = {};
    let count = 0;
    for (
      let waiter = first;
      waiter !== undefined && count < DEMAND_SAMPLE;
      waiter = this.#queue.after(waiter)
    ) {
      addTo(sum, waiter.charge);
      count += 1;
    }
    return { waiting: length, first: first?.charge, mean: mapCharge(sum, (amount) => amount / count) };
  }

  /** A request is done: if it was what the next one waited for, that one may go. */
  #closed(wasFull: boolean, isLess: boolean, now: number): void {
    const { first } = this.#queue;
    if (first === undefined) return;
    if (wasFull) return this.#admit();
    if (!isLess) return;
    const at = this.#readyAt(first.charge, now);
    if (at <= now) this.#admit();
    else this.#timer.set(at, now);
  }

  /** Whether a newcomer may go at once. Those in the queue that may go as well go first. */
  #isNext(charge: Charge, now: number): boolean {
    if (this.#inFlight >= this.#concurrency.window || this.#readyAt(charge, now) > now) return false;
    if (this.#queue.length === 0) return true;
    if (!this.#queue.isPatient) return false;
    this.#admit();
    const isNext =
      this.#queue.isPatient && this.#inFlight < this.#concurrency.window && this.#readyAt(charge, now) <= now;
    if (isNext) this.#queue.overtake();
    return isNext;
  }

  #readyAt(charge: Charge, now: number): number {
    return Math.max(this.#concurrency.readyAt(now), this.#pace.readyAt(charge, now));
  }

  #send(charge: Charge, now: number, isBusy: boolean): Permit {
    this.#pace.sent(charge, isBusy, now);
    this.#concurrency.sent(now);
    this.#inFlight += 1;
    return new OwnedPermit(this, this.#next++, charge, now);
  }

  /** Lets go whoever may go now, then sets the timer for the next. */
  #admit(): void {
    // A request that is let go may ask for another permit at once; this same round serves it.
    if (this.#isAdmitting) return;
    this.#isAdmitting = true;
    const now = this.clock.now();
    const next = this.#letGo(now);
    this.#isAdmitting = false;
    if (this.#queue.length === 0) this.#timer.clear();
    else this.#timer.set(next, now);
  }

  /** Goes through the queue; returns when the next of the requests that it looked at may go. */
  #letGo(now: number): number {
    let next = Number.POSITIVE_INFINITY;
    let passed = 0;
    /** How many may still overtake those that were passed over. */
    let patience = MAX_OVERTAKEN;
    let waiter = this.#queue.first;
    while (waiter?.isWaiting === true && this.#inFlight < this.#concurrency.window && patience > 0) {
      const following = this.#queue.after(waiter);
      const at = this.#readyAt(waiter.charge, now);
      if (at > now) {
        next = Math.min(next, at);
        passed += 1;
        patience = Math.min(patience, MAX_OVERTAKEN - waiter.overtaken);
        const isAllHeld = this.#concurrency.readyAt(now) > now || this.#pace.holdsAll(now);
        if (passed > MAX_OVERTAKEN || isAllHeld) break;
      } else {
        if (passed > 0) {
          this.#queue.overtake(waiter);
          patience -= 1;
        }
        this.#leave(waiter);
        waiter.resolve(this.#send(waiter.charge, now, true));
      }
      waiter = following;
    }
    return next;
  }

  #leave(waiter: PendingReserve): boolean {
    if (waiter.abort !== undefined) waiter.signal?.removeEventListener("abort", waiter.abort);
    return this.#queue.remove(waiter);
  }

  #abort(waiter: PendingReserve): void {
    if (!this.#leave(waiter)) return;
    waiter.reject(waiter.signal?.reason);
    // The request that is gone may have held others back, and the timer may have been set for it.
    this.#admit();
  }

  #rejectNeverFitting(): void {
    let waiter = this.#queue.first;
    while (waiter !== undefined) {
      const following = this.#queue.after(waiter);
      const tooLarge = this.#pace.neverFits(waiter.charge);
      if (tooLarge !== undefined) {
        this.#leave(waiter);
        waiter.reject(tooLarge);
      }
      waiter = following;
    }
  }
}
