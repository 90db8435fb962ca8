import type { Charge, Dimension, LimitReading } from "@parallel-parrot/providers";
import { systemClock, type Clock } from "./clock.ts";

/** Limits per minute, as a person knows them. */
export interface RateLimits {
  readonly requestsPerMinute?: number;
  /** Input and output together. */
  readonly tokensPerMinute?: number;
  readonly inputTokensPerMinute?: number;
  readonly outputTokensPerMinute?: number;
}

/** Options of {@linkcode createLimiter}. */
export interface LimiterOptions {
  /** Known limits; what the server tells later can only lower them. @default none: learned from responses */
  readonly limits?: RateLimits;
  /** Requests in flight at once to begin with while no limit is known; grows with every answer. @default 16 */
  readonly startConcurrency?: number;
  readonly clock?: Clock;
  /** For jitter; returns [0, 1). @default Math.random */
  readonly random?: () => number;
}

/** Leave to send one request. Settle or refund it exactly once. */
export interface Permit {
  /** The request was processed and took this much. */
  settle(actual: Charge): void;
  /** The request was refused before it was processed: what was reserved is given back. */
  refund(): void;
}

/** One limit and how much of it is in use. */
export interface LimitState {
  readonly dimension: Dimension;
  readonly limit: number;
  readonly windowMs: number;
}

/** Paces requests right at the rate limits; see {@linkcode createLimiter}. */
export interface Limiter {
  /**
   * Waits until a request of this charge may be sent. Rejects with {@linkcode NeverFitsError} when it never may,
   * or with the signal's reason.
   */
  reserve(charge: Charge, options?: { readonly signal?: AbortSignal }): Promise<Permit>;
  /** Takes over limits that a response told. */
  learn(readings: readonly LimitReading[]): void;
  /**
   * The server refused a request for its rate: nothing is sent for `retryAfterMs`, and the rate is lowered,
   * once for all refusals of one burst.
   *
   * @param sentAt when the refused request was sent, by this limiter's clock
   */
  throttle(retryAfterMs: number, sentAt: number): void;
  /** The limits in force. */
  readonly limits: readonly LimitState[];
  /** Requests sent and not yet settled or refunded. */
  readonly inFlight: number;
  /** Requests waiting for their turn. */
  readonly waiting: number;
  /** The clock that `sentAt` is read from. */
  readonly clock: Clock;
}

/** A request is larger than the whole limit of a window. */
export class NeverFitsError extends Error {
  override readonly name: string = "NeverFitsError";
  readonly dimension: Dimension;
  readonly charge: number;
  readonly limit: number;

  constructor(dimension: Dimension, charge: number, limit: number) {
    super(
      `Cannot ever send this request: it takes about ${Math.ceil(charge)} ${dimension} and the limit is ${limit}`,
    );
    this.dimension = dimension;
    this.charge = charge;
    this.limit = limit;
  }
}

/** Part of the limit that is used: server and client count time a little differently. */
const MARGIN = 0.98;
/** How far ahead of the even pace a burst may run. */
const BURST_MS = 1000;
const CUT = 0.9;
const MIN_FACTOR = 0.05;
const RECOVERY_PER_MS = 0.005 / 1000;
/** How many smaller requests may go before one that does not fit yet. */
const MAX_OVERTAKEN = 32;

interface Meter {
  limit: number;
  windowMs: number;
  /** Theoretical arrival time (GCRA): when everything reserved so far is paid for. */
  tat: number;
}

interface Waiter {
  readonly charge: Charge;
  readonly admit: () => void;
  overtaken: number;
}

/**
 * A generic cell rate limiter over several dimensions at once, with reservation and settlement. Admission is
 * paced: capacity comes back continuously, and at most a second's worth is spent at once. Without known
 * limits it works by a number in flight that grows until the server refuses, then by additive increase and
 * multiplicative decrease.
 */
export function createLimiter(options: LimiterOptions = {}): Limiter {
  const { clock = systemClock, random = Math.random, startConcurrency = 16 } = options;
  const meters = new Map<Dimension, Meter>();
  const queue: Waiter[] = [];
  let inFlight = 0;
  let blockedUntil = 0;
  let lastCutAt = Number.NEGATIVE_INFINITY;
  let factor = 1;
  let factorAt = clock.now();
  let window = startConcurrency;
  let isSlowStart = true;
  let cancelTimer: (() => void) | undefined;

  for (const reading of toReadings(options.limits ?? {}))
    setLimit(reading.dimension, reading.limit, reading.windowMs);

  function setLimit(dimension: Dimension, limit: number, windowMs: number): void {
    const meter = meters.get(dimension);
    if (meter === undefined) meters.set(dimension, { limit, windowMs, tat: clock.now() });
    else Object.assign(meter, { limit, windowMs });
  }

  /** Milliseconds that one unit takes at the present rate. */
  function pace({ limit, windowMs }: Meter): number {
    return windowMs / (limit * MARGIN * factor);
  }

  function recover(now: number): void {
    factor = Math.min(1, factor + (now - factorAt) * RECOVERY_PER_MS);
    factorAt = now;
  }

  /** When a charge may be sent, as far as the meters tell. */
  function readyAt(charge: Charge, now: number): number {
    let at = Math.max(now, blockedUntil);
    for (const [dimension, meter] of meters) {
      const cost = (charge[dimension] ?? 0) * pace(meter);
      // A request that alone takes longer than a burst may go once nothing is owed.
      const ahead = Math.max(BURST_MS - cost, 0);
      if (cost > 0) at = Math.max(at, meter.tat - ahead);
    }
    return at;
  }

  function spend(charge: Charge, now: number): void {
    for (const [dimension, meter] of meters) {
      const amount = charge[dimension] ?? 0;
      if (amount > 0) meter.tat = Math.max(meter.tat, now) + amount * pace(meter);
    }
  }

  function hasRoom(): boolean {
    return meters.size > 0 || inFlight < Math.floor(window);
  }

  /** Admits whoever may go now, then sets one timer for the next. */
  function admit(): void {
    cancelTimer?.();
    cancelTimer = undefined;
    const now = clock.now();
    recover(now);
    let next = Number.POSITIVE_INFINITY;
    for (let position = 0; position < Math.min(queue.length, MAX_OVERTAKEN + 1) && hasRoom();) {
      const waiter = queue[position];
      if (waiter === undefined) break;
      const at = readyAt(waiter.charge, now);
      if (at <= now) {
        queue.splice(position, 1);
        for (const passed of queue.slice(0, position)) passed.overtaken += 1;
        spend(waiter.charge, now);
        inFlight += 1;
        waiter.admit();
      } else {
        next = Math.min(next, at);
        if (waiter.overtaken >= MAX_OVERTAKEN || at === blockedUntil) break;
        position += 1;
      }
    }
    if (next < Number.POSITIVE_INFINITY) cancelTimer = clock.after(next - now, admit);
  }

  function createPermit(charge: Charge): Permit {
    // A meter that is learned later has taken nothing for this request.
    const charged = [...meters];
    let isOpen = true;
    const close = (change: (dimension: Dimension) => number): void => {
      if (!isOpen) return;
      isOpen = false;
      inFlight -= 1;
      for (const [dimension, meter] of charged) meter.tat += change(dimension) * pace(meter);
      admit();
    };
    return {
      settle(actual) {
        if (isOpen) grow();
        close((dimension) => (actual[dimension] ?? 0) - (charge[dimension] ?? 0));
      },
      refund: () => close((dimension) => -(charge[dimension] ?? 0)),
    };
  }

  function grow(): void {
    // Only a full window proves that the server bears it.
    if (inFlight >= Math.floor(window)) window += isSlowStart ? 1 : 1 / window;
  }

  function neverFits(charge: Charge): NeverFitsError | undefined {
    for (const [dimension, { limit }] of meters) {
      const amount = charge[dimension] ?? 0;
      if (amount > limit) return new NeverFitsError(dimension, amount, limit);
    }
    return undefined;
  }

  return {
    clock,
    async reserve(charge, { signal } = {}) {
      signal?.throwIfAborted();
      const tooLarge = neverFits(charge);
      if (tooLarge !== undefined) throw tooLarge;
      const { promise, resolve, reject } = Promise.withResolvers<Permit>();
      const waiter: Waiter = { charge, admit: () => resolve(createPermit(charge)), overtaken: 0 };
      const abort = (): void => {
        const position = queue.indexOf(waiter);
        if (position >= 0) queue.splice(position, 1);
        reject(signal?.reason);
        // The timer may have been this one's.
        admit();
      };
      signal?.addEventListener("abort", abort, { once: true });
      queue.push(waiter);
      admit();
      try {
        return await promise;
      } finally {
        signal?.removeEventListener("abort", abort);
      }
    },
    learn(readings) {
      for (const { dimension, limit, windowMs } of readings) {
        if (limit === undefined) continue;
        const told = toReadings(options.limits ?? {}).find((known) => known.dimension === dimension);
        setLimit(dimension, Math.min(limit, told?.limit ?? Number.POSITIVE_INFINITY), windowMs);
      }
      if (readings.length > 0) admit();
    },
    throttle(retryAfterMs, sentAt) {
      const now = clock.now();
      recover(now);
      // A little jitter: clients woken by one shared moment would collide again.
      blockedUntil = Math.max(blockedUntil, now + retryAfterMs * (1 + 0.1 * random()));
      if (sentAt > lastCutAt) {
        lastCutAt = now;
        factor = Math.max(MIN_FACTOR, factor * CUT);
        window = Math.max(1, Math.min(window, inFlight) * CUT);
        isSlowStart = false;
      }
      admit();
    },
    get limits() {
      return [...meters].map(([dimension, { limit, windowMs }]) => ({ dimension, limit, windowMs }));
    },
    get inFlight() {
      return inFlight;
    },
    get waiting() {
      return queue.length;
    },
  };
}

const MINUTE_MS = 60_000;

function toReadings(limits: RateLimits): { dimension: Dimension; limit: number; windowMs: number }[] {
  const named: [Dimension, number | undefined][] = [
    ["requests", limits.requestsPerMinute],
    ["tokens", limits.tokensPerMinute],
    ["inputTokens", limits.inputTokensPerMinute],
    ["outputTokens", limits.outputTokensPerMinute],
  ];
  return named.flatMap(([dimension, limit]) =>
    limit === undefined ? [] : [{ dimension, limit, windowMs: MINUTE_MS }],
  );
}
