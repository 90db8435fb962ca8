import type { Charge, LimitReading } from "./charge.ts";
import { systemClock, type Clock } from "./clock.ts";
import { ConcurrencySearch } from "./concurrency-search.ts";
import type { Limiter } from "./limiter.ts";
import type { LimitState } from "./limiter-state.ts";
import { Meters } from "./meters.ts";
import { checkCount, type LimiterOptions } from "./options.ts";
import { OwnedPermit, type Permit, type PermitOwner, type Refusal } from "./permit.ts";
import { RateDiscovery } from "./rate-discovery.ts";
import { WaitingLine, type Waiter } from "./waiting-line.ts";

/** How many smaller requests may go before one that does not fit yet. */
const MAX_OVERTAKEN = 32;
/** The pace rises to the limit over this time at the start, from a part of it. */
const RAMP_MS = 2000;
const RAMP_START = 0.25;

/** Who hears of a permit. */
export interface Caller {
  readonly resolve: (permit: Permit) => void;
  readonly reject: (reason: unknown) => void;
  readonly signal?: AbortSignal | undefined;
}

interface PendingReserve extends Waiter, Caller {
  readonly abort: () => void;
}

/** The limiter that `createLimiter` makes: who may go, who waits, and when to look again. */
export class RateLimiter implements Limiter, PermitOwner {
  readonly clock: Clock;
  readonly #meters: Meters;
  readonly #discovery: RateDiscovery;
  readonly #search: ConcurrencySearch;
  readonly #line: WaitingLine<PendingReserve> = new WaitingLine();
  #inFlight = 0;
  /** Number of the next permit. */
  #next = 0;
  /** When the ramp began: with the first request for which a limit was known. */
  #rampFrom: number | undefined;
  #isRamping = true;
  /** Milliseconds a request takes at the known limits, smoothed. */
  #knownMs = 0;
  #cancelTimer: (() => void) | undefined;
  #timerAt: number = Number.POSITIVE_INFINITY;

  constructor(options: LimiterOptions) {
    const { clock = systemClock, random = Math.random, latencySignal = true } = options;
    const max = checkCount("maxConcurrency", options.maxConcurrency ?? 10_000);
    const start = checkCount("startConcurrency", options.startConcurrency ?? 16);
    this.clock = clock;
    this.#meters = new Meters(options.limits ?? {});
    this.#discovery = new RateDiscovery(random);
    this.#search = new ConcurrencySearch({ start, max, isOn: latencySignal });
    if (this.#meters.isPaced) this.#search.open();
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
      abort: () => this.#abort(waiter),
      overtaken: 0,
      isWaiting: false,
      previous: undefined,
      next: undefined,
    };
    signal?.addEventListener("abort", waiter.abort, { once: true });
    this.#line.join(waiter);
    // The others have their timer already; this one may be ready before them.
    if (this.#line.length <= MAX_OVERTAKEN + 1) this.#setTimer(this.#readyAt(charge, this.clock.now()));
  }

  tryReserve(charge: Charge): Permit | undefined {
    const tooLarge = this.#meters.neverFits(charge);
    if (tooLarge !== undefined) throw tooLarge;
    if (this.#inFlight >= this.#search.window) return undefined;
    const isAlone = this.#line.length === 0;
    if (!isAlone && !this.#mayOvertakeAll()) return undefined;
    const now = this.clock.now();
    if (this.#readyAt(charge, now) > now) return undefined;
    if (!isAlone) {
      // Whoever of the others may go as well goes first.
      this.#admit();
      if (!this.#mayOvertakeAll() || this.#readyAt(charge, now) > now) return undefined;
      this.#overtake(undefined);
    }
    return this.#send(charge, now, !isAlone);
  }

  learn(readings: readonly LimitReading[]): void {
    if (readings.length === 0) return;
    const now = this.clock.now();
    if (!this.#meters.learn(readings, this.#next, now)) return;
    if (this.#meters.isPaced) this.#search.open();
    this.#rejectNeverFitting();
    this.#admit();
  }

  get limits(): readonly LimitState[] {
    return this.#meters.state(this.clock.now());
  }

  get discoveredPerMinute(): number | undefined {
    return this.#discovery.perMinute;
  }

  get concurrency(): number {
    return this.#search.window;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get waiting(): number {
    return this.#line.length;
  }

  settled(permit: OwnedPermit, actual: Charge, output: number): void {
    const now = this.clock.now();
    const isFull = this.#inFlight >= this.#search.window;
    this.#inFlight -= 1;
    const isLess = this.#meters.correct(permit, actual, now);
    const work = output > 0 ? output : 1;
    const hasDemand = isFull && this.#line.length > 0;
    this.#search.answered(now - permit.sentAt, work, hasDemand, this.#inFlight, now);
    this.#closed(isFull, isLess, now);
  }

  refunded(permit: OwnedPermit): void {
    const now = this.clock.now();
    const isFull = this.#inFlight >= this.#search.window;
    this.#inFlight -= 1;
    this.#discovery.returned(permit.sentAt, now);
    this.#closed(isFull, this.#meters.correct(permit, {}, now), now);
  }

  throttled(permit: OwnedPermit, { retryAfterMs }: Refusal): void {
    const now = this.clock.now();
    this.#inFlight -= 1;
    this.#meters.correct(permit, {}, now);
    if (this.#discovery.refused(permit, this.#next, retryAfterMs, now)) this.#meters.tighten(this.#knownMs, now);
    this.#search.open();
    if (this.#line.length > 0) this.#admit();
  }

  /** A request has left: somebody else may go, if it was the reason for waiting. */
  #closed(wasFull: boolean, isLess: boolean, now: number): void {
    const { first } = this.#line;
    if (first === undefined) return;
    if (wasFull) return this.#admit();
    if (!isLess) return;
    const at = this.#readyAt(first.charge, now);
    if (at <= now) this.#admit();
    else this.#setTimer(at);
  }

  #readyAt(charge: Charge, now: number): number {
    return Math.max(this.#discovery.readyAt(now), this.#meters.readyAt(charge, now));
  }

  #send(charge: Charge, now: number, isBusy: boolean): Permit {
    const ms = this.#meters.take(charge, now, this.#isRamping ? this.#slowdown(now) : 1);
    if (ms > 0) this.#knownMs += (ms - this.#knownMs) * (this.#knownMs === 0 ? 1 : 0.05);
    this.#discovery.sent(now, isBusy, this.#knownMs > 0 ? 1 / this.#knownMs : 0);
    this.#inFlight += 1;
    return new OwnedPermit(this, this.#next++, charge, now);
  }

  #slowdown(now: number): number {
    if (this.#rampFrom === undefined) {
      if (!this.#meters.isPaced) return 1;
      this.#rampFrom = now;
    }
    const part = (now - this.#rampFrom) / RAMP_MS;
    if (part >= 1) this.#isRamping = false;
    return 1 / Math.min(1, RAMP_START + (1 - RAMP_START) * part);
  }

  /** Lets go whoever may go now, then sets the timer for the next. */
  #admit(): void {
    const now = this.clock.now();
    let next = Number.POSITIVE_INFINITY;
    let passed = 0;
    let waiter = this.#line.first;
    while (waiter !== undefined && this.#inFlight < this.#search.window) {
      const following = waiter.next as PendingReserve | undefined;
      const at = this.#readyAt(waiter.charge, now);
      if (at > now) {
        next = Math.min(next, at);
        passed += 1;
        // What holds back one by the rate of all holds back everyone.
        if (passed > MAX_OVERTAKEN || waiter.overtaken >= MAX_OVERTAKEN || this.#discovery.readyAt(now) > now)
          break;
      } else {
        if (passed > 0) this.#overtake(waiter);
        this.#leave(waiter);
        waiter.resolve(this.#send(waiter.charge, now, true));
      }
      waiter = following;
    }
    this.#setTimer(next);
  }

  /** Whether a newcomer may go before everyone who waits. */
  #mayOvertakeAll(): boolean {
    if (this.#line.length > MAX_OVERTAKEN) return false;
    for (let waiter: Waiter | undefined = this.#line.first; waiter !== undefined; waiter = waiter.next)
      if (waiter.overtaken >= MAX_OVERTAKEN) return false;
    return true;
  }

  /** Counts that somebody goes before those in front of `end`. */
  #overtake(end: Waiter | undefined): void {
    for (let waiter: Waiter | undefined = this.#line.first; waiter !== end; waiter = waiter?.next)
      if (waiter !== undefined) waiter.overtaken += 1;
  }

  #leave(waiter: PendingReserve): boolean {
    waiter.signal?.removeEventListener("abort", waiter.abort);
    return this.#line.leave(waiter);
  }

  #abort(waiter: PendingReserve): void {
    if (!this.#leave(waiter)) return;
    waiter.reject(waiter.signal?.reason);
    // It may have held others back, and the timer may have been its own.
    this.#admit();
  }

  #rejectNeverFitting(): void {
    let waiter = this.#line.first;
    while (waiter !== undefined) {
      const following = waiter.next as PendingReserve | undefined;
      const tooLarge = this.#meters.neverFits(waiter.charge);
      if (tooLarge !== undefined) {
        this.#leave(waiter);
        waiter.reject(tooLarge);
      }
      waiter = following;
    }
  }

  /** One timer for all: moved only to an earlier time, as one that fires early does no harm. */
  #setTimer(at: number): void {
    if (this.#line.length === 0) {
      this.#cancelTimer?.();
      this.#cancelTimer = undefined;
      this.#timerAt = Number.POSITIVE_INFINITY;
      return;
    }
    if (at >= this.#timerAt) return;
    this.#cancelTimer?.();
    this.#timerAt = at;
    this.#cancelTimer = this.clock.after(at - this.clock.now(), () => {
      this.#cancelTimer = undefined;
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#admit();
    });
  }
}
