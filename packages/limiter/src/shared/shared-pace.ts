import { pauseMs } from "../discovery/backoff.ts";
import type { Pace } from "../pace/pace.ts";
import type { OwnedPermit, Refusal } from "../permit.ts";
import type { Charge, Dimension, LimitReading } from "../quota/charge.ts";
import type { LimitState } from "../quota/limit-state.ts";
import { NeverFitsError } from "../quota/never-fits-error.ts";
import { isSpread, type Limit } from "../quota/rate-limits.ts";
import type { Clock } from "../time/clock.ts";
import { WakeTimer } from "../time/wake-timer.ts";
import type { Wait } from "../wait.ts";
import { addTo, dimensionsOf, mapCharge, type Amounts, type Demand } from "./demand.ts";
import type { LeaseRequest, LimitSource, SharedRefusal } from "./limit-source.ts";
import { Spending } from "./spending.ts";

/** Time between two calls, for which a lease is asked. */
const EVERY_MS = 250;
/** A lease ends so long after it was asked for: one whose source has gone is not spent any more. */
const VALID_MS = 1000;
/** The soonest and the latest that a request which did not fit is asked for again. */
const SOONEST_MS = 5;
const LATEST_MS = 750;
/** More than was sent in the last interval is asked for, as others may come meanwhile; and twice as much while it was too little. */
const MORE = 1.2;
const MUCH_MORE = 2;
/** The most requests to ask for at once: forty thousand a second. */
const MOST_REQUESTS = 10_000;
/** Weight of the newest request in the mean of what requests take. */
const WEIGHT = 0.05;

/** What a shared pace is made for. */
export interface SharedPaceOptions {
  readonly source: LimitSource;
  readonly told: readonly Limit[];
  readonly clock: Clock;
  readonly random: () => number;
  /** What waits now. */
  readonly demand: () => Demand;
  /** Called when more may go than before, or a limit has changed. */
  readonly changed: () => void;
}

/**
 * The pace of a limiter that shares its limits: it asks their source for a lease, spends it evenly, and says with the
 * next call what was not used, what requests took in the end and what was refused. Nothing is sent without a lease.
 */
export class SharedPace implements Pace {
  readonly #options: SharedPaceOptions;
  readonly #timer: WakeTimer;
  #spending: Spending | undefined;
  #limits: readonly LimitState[] = [];
  /** Since when each dimension is limited: what was sent before was not counted. */
  readonly #limitedSince: Map<Dimension, number> = new Map();
  /** What responses have told, and what of it the source does not know yet. */
  #heard: readonly Limit[] = [];
  #learned: readonly Limit[] = [];
  #back: Amounts = {};
  #refusal: (SharedRefusal & { readonly at: number }) | undefined;
  #lastRefusal: Refusal = {};
  #pauseUntil: number = Number.NEGATIVE_INFINITY;
  /** Refusals in a row with no answer between them. */
  #level = 0;
  /** Requests sent since the last call, and what they took on average. */
  #sent = 0;
  #mean: Charge | undefined;
  /** What could not go at once since the last call. */
  #tried: Charge | undefined;
  #askedAt: number = Number.NEGATIVE_INFINITY;
  #nextAt: number = Number.NEGATIVE_INFINITY;
  /** When the request that waits first may be granted, as far as is known. */
  #fitsAt: number = Number.NEGATIVE_INFINITY;
  #isAsking = false;
  /** Whether the last call wanted nothing: who comes then need not wait for the next. */
  #isIdle = true;
  /** Why the last call failed. */
  #failure: string | undefined;

  constructor(options: SharedPaceOptions) {
    this.#options = options;
    this.#timer = new WakeTimer(options.clock, () => void this.#ask());
  }

  get isPaced(): boolean {
    return this.#options.told.some(isSpread) || this.#limits.some(isSpread);
  }

  get discoveredPerMinute(): undefined {
    return undefined;
  }

  readyAt(charge: Charge, now: number): number {
    const at = this.#spending?.readyAt(charge, now) ?? Number.POSITIVE_INFINITY;
    return Math.max(at, this.#pauseUntil);
  }

  holdsAll(now: number): boolean {
    return now < this.#pauseUntil || this.#spending === undefined || this.#spending.isOver(now);
  }

  waitFor(charge: Charge, now: number): Wait | undefined {
    const at = this.readyAt(charge, now);
    if (at <= now) return undefined;
    const ms = Math.max(0, (Number.isFinite(at) ? at : Math.max(this.#nextAt, this.#fitsAt)) - now);
    if (this.#failure !== undefined && this.holdsAll(now))
      return { ms, source: "unreachable", limit: undefined, message: this.#failure };
    if (now < this.#pauseUntil) {
      const { limit, message } = this.#lastRefusal;
      return { ms, source: "refusal", limit, message };
    }
    const binding = this.#limits
      .filter(({ dimension }) => (charge[dimension] ?? 0) > 0)
      .reduce<LimitState | undefined>(
        (most, limit) => (limit.use > (most?.use ?? -1) ? limit : most),
        undefined,
      );
    if (binding === undefined) return undefined;
    const { dimension, windowMs, limit } = binding;
    const isTold = this.#options.told.some((told) => isSame(told, binding) && told.limit === limit);
    return {
      ms,
      source: isTold ? "told" : "learned",
      limit: { dimension, windowMs, limit },
      message: undefined,
    };
  }

  wanted(charge: Charge, now: number): void {
    this.#tried = charge;
    this.#askAt(this.#isIdle ? now : Math.max(now, this.#nextAt), now);
  }

  sent(charge: Charge, _isBusy: boolean, now: number): void {
    this.#spending?.spend(charge);
    this.#sent += 1;
    const mean = this.#mean ?? charge;
    this.#mean = mapCharge({ ...mean, ...charge }, (_, dimension) => {
      const before = mean[dimension] ?? 0;
      return before + WEIGHT * ((charge[dimension] ?? 0) - before);
    });
    this.#askAt(Math.max(now, this.#nextAt), now);
  }

  settled(permit: OwnedPermit, actual: Charge, now: number): boolean {
    this.#level = 0;
    addTo(this.#back, actual);
    this.#giveBack(permit, now);
    return false;
  }

  refunded(permit: OwnedPermit, now: number): void {
    this.#giveBack(permit, now);
  }

  throttled(permit: OwnedPermit, refusal: Refusal, _next: number, now: number): boolean {
    const pause = pauseMs(refusal.retryAfterMs, this.#level, 0, this.#options.random);
    // A burst of refusals is one step of the backoff.
    if (permit.sentAt >= this.#pauseUntil) this.#level += 1;
    this.#lastRefusal = refusal;
    this.#pauseUntil = Math.max(this.#pauseUntil, now + pause);
    const told = this.#refusal;
    if (told === undefined || told.at + told.pauseMs < now + pause)
      this.#refusal = { pauseMs: pause, sentAgoMs: now - permit.sentAt, at: now };
    this.#giveBack(permit, now);
    // The others go on sending until they know.
    this.#askAt(now, now);
    return false;
  }

  learn(readings: readonly LimitReading[], _next: number, now: number): boolean {
    const news = readings.flatMap(({ dimension, windowMs, limit }) =>
      limit === undefined || !(limit > 0) || this.#knows({ dimension, windowMs, limit })
        ? []
        : [{ dimension, windowMs, limit }],
    );
    if (news.length === 0) return false;
    const without = (limits: readonly Limit[]): readonly Limit[] =>
      limits.filter((old) => !news.some((limit) => isSame(old, limit)));
    this.#learned = [...without(this.#learned), ...news];
    this.#heard = [...without(this.#heard), ...news];
    this.#askAt(now, now);
    // It is known once the source has told it to all.
    return false;
  }

  neverFits(charge: Charge): NeverFitsError | undefined {
    for (const { dimension, limit } of [...this.#limits, ...this.#options.told]) {
      const amount = charge[dimension] ?? 0;
      if (amount > limit) return new NeverFitsError(dimension, amount, limit);
    }
    return undefined;
  }

  limits(): readonly LimitState[] {
    return this.#limits;
  }

  /**
   * Whether a response says what one before it has said, or nothing that matters: what the caller knows is lower, and in
   * force. A lower limit in force may be what an earlier response has told, and may have been raised since.
   */
  #knows(reading: Limit): boolean {
    const heard = this.#heard.find((limit) => isSame(limit, reading));
    if (heard !== undefined) return heard.limit === reading.limit;
    const told = this.#options.told.find((limit) => isSame(limit, reading));
    const inForce = this.#limits.find((limit) => isSame(limit, reading));
    return told !== undefined && told.limit <= Math.min(reading.limit, inForce?.limit ?? told.limit);
  }

  #giveBack({ charge, sentAt }: OwnedPermit, now: number): void {
    for (const dimension of dimensionsOf(charge)) {
      const since = this.#limitedSince.get(dimension);
      if (since !== undefined && sentAt >= since) addTo(this.#back, { [dimension]: charge[dimension] }, -1);
    }
    this.#askAt(Math.max(now, this.#nextAt), now);
  }

  #askAt(at: number, now: number): void {
    if (!this.#isAsking) this.#timer.set(at, now);
  }

  async #ask(): Promise<void> {
    const { source, clock, changed } = this.#options;
    this.#isAsking = true;
    this.#askedAt = clock.now();
    this.#nextAt = this.#askedAt + EVERY_MS;
    const refusal = this.#refusal;
    const request = this.#request(this.#askedAt);
    try {
      const lease = await source.lease(request);
      this.#failure = undefined;
      this.#take(
        new Spending(lease, { from: clock.now(), to: this.#nextAt, until: this.#askedAt + VALID_MS }),
      );
      if (this.#refusal === refusal) this.#refusal = undefined;
      this.#learned = this.#learned.filter((limit) => !request.learned.includes(limit));
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
      // It may have been heard: what was to be given back is lost, rather than given back twice.
      addTo(
        this.#back,
        mapCharge(request.back, (amount) => Math.max(0, amount)),
      );
      this.#nextAt = clock.now() + EVERY_MS;
    }
    this.#isAsking = false;
    changed();
    this.#askAgain(clock.now());
  }

  #request(now: number): LeaseRequest {
    const { told } = this.#options;
    const { waiting, first, mean } = this.#wish();
    const rest = this.#spending?.rest() ?? {};
    this.#spending = undefined;
    addTo(this.#back, rest, -1);
    const back = this.#back;
    this.#back = {};
    const grown = (waiting > 0 ? MUCH_MORE : MORE) * this.#sent;
    this.#sent = 0;
    const count = Math.min(Math.max(waiting, grown), MOST_REQUESTS);
    this.#isIdle = count === 0;
    const each = waiting > 0 ? mean : (this.#mean ?? {});
    const pause = this.#refusal;
    return {
      everyMs: EVERY_MS,
      told,
      learned: this.#learned,
      want: count > 0 ? mapCharge(each, (amount) => count * amount) : {},
      unit: first ?? each,
      back,
      refusal:
        pause === undefined
          ? undefined
          : {
              pauseMs: Math.max(0, pause.at + pause.pauseMs - now),
              sentAgoMs: pause.sentAgoMs + now - pause.at,
            },
    };
  }

  /** What waits, and what was only tried and may be tried again. */
  #wish(): Demand {
    const demand = this.#options.demand();
    const tried = this.#tried;
    this.#tried = undefined;
    return demand.waiting > 0 || tried === undefined ? demand : { waiting: 1, first: tried, mean: tried };
  }

  #take(spending: Spending): void {
    const { clock } = this.#options;
    const { limits, waitMs, pauseMs: pause } = spending.lease;
    this.#fitsAt = clock.now() + waitMs;
    this.#spending = spending;
    this.#limits = limits;
    for (const { dimension } of limits)
      if (!this.#limitedSince.has(dimension)) this.#limitedSince.set(dimension, clock.now());
    if (pause > 0) {
      this.#pauseUntil = Math.max(this.#pauseUntil, clock.now() + pause);
      this.#nextAt = Math.max(this.#nextAt, clock.now() + pause);
    } else if (waitMs > 0) {
      this.#nextAt = clock.now() + Math.min(LATEST_MS, Math.max(waitMs, SOONEST_MS));
    }
  }

  /** Sets the time of the next call, if there is anything to say. */
  #askAgain(now: number): void {
    const next = Math.max(now, this.#nextAt);
    const isWanted = this.#options.demand().waiting > 0 || this.#tried !== undefined;
    if (this.#failure !== undefined) {
      // A source that has gone is only called for those who wait: else a program that has closed it would never end.
      if (isWanted) this.#askAt(next, now);
      return;
    }
    const amounts = [...Object.values(this.#spending?.rest() ?? {}), ...Object.values(this.#back)];
    // What came while the call was made is told at once.
    if (this.#refusal !== undefined || this.#learned.length > 0) this.#askAt(now, now);
    else if (isWanted || this.#sent > 0 || amounts.some((amount) => amount !== 0)) this.#askAt(next, now);
  }
}

function isSame(one: Omit<Limit, "limit">, other: Omit<Limit, "limit">): boolean {
  return one.dimension === other.dimension && one.windowMs === other.windowMs;
}
