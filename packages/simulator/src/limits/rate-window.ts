/** How one limit is counted over time. Times are milliseconds on one clock that only goes forward. */
export interface RateWindow {
  /** The time until `amount` fits; 0 if it fits now. */
  waitMs(amount: number, nowMs: number): number;
  /** Takes `amount`, even if that is more than is left. */
  take(amount: number, nowMs: number): void;
  used(nowMs: number): number;
  /** The time until nothing is used. */
  resetMs(nowMs: number): number;
}

/** Tolerates rounding errors, so that an amount that fits exactly is not refused. */
const EPSILON = 1e-6;

/**
 * A bucket that refills continuously with `limit` in `windowMs`. Its size is what refills in `burstMs`. An amount above
 * its size is admitted when it is full, and leaves a debt.
 */
export function bucketWindow(limit: number, windowMs: number, burstMs: number): RateWindow {
  const rate = limit / windowMs;
  const capacity = rate * burstMs;
  let level = capacity;
  let updatedMs = 0;
  const refill = (nowMs: number): void => {
    level = Math.min(capacity, level + (nowMs - updatedMs) * rate);
    updatedMs = nowMs;
  };
  return {
    waitMs(amount, nowMs) {
      refill(nowMs);
      const missing = Math.min(amount, capacity) - level;
      return missing <= EPSILON ? 0 : missing / rate;
    },
    take(amount, nowMs) {
      refill(nowMs);
      level -= amount;
    },
    used(nowMs) {
      refill(nowMs);
      return capacity - level;
    },
    resetMs(nowMs) {
      refill(nowMs);
      return (capacity - level) / rate;
    },
  };
}

/** Consecutive windows, each of which has the whole `limit`. */
export function fixedWindow(limit: number, windowMs: number): RateWindow {
  let window = 0;
  let taken = 0;
  const turn = (nowMs: number): void => {
    const current = Math.floor(nowMs / windowMs);
    if (current !== window) taken = 0;
    window = current;
  };
  const untilNext = (nowMs: number): number => (window + 1) * windowMs - nowMs;
  return {
    waitMs(amount, nowMs) {
      turn(nowMs);
      return taken + amount <= limit ? 0 : untilNext(nowMs);
    },
    take(amount, nowMs) {
      turn(nowMs);
      taken += amount;
    },
    used(nowMs) {
      turn(nowMs);
      return taken;
    },
    resetMs(nowMs) {
      turn(nowMs);
      return taken === 0 ? 0 : untilNext(nowMs);
    },
  };
}

/** At most `limit` in any period of `windowMs`, by an exact log of what was taken. */
export function slidingWindow(limit: number, windowMs: number): RateWindow {
  let log: { readonly timeMs: number; readonly amount: number }[] = [];
  let first = 0;
  let taken = 0;
  const expire = (nowMs: number): void => {
    for (let oldest = log[first]; oldest !== undefined; oldest = log[first]) {
      if (oldest.timeMs + windowMs > nowMs) break;
      taken -= oldest.amount;
      first += 1;
    }
    if (first > 1024 && first * 2 > log.length) {
      log = log.slice(first);
      first = 0;
    }
  };
  return {
    waitMs(amount, nowMs) {
      expire(nowMs);
      let missing = taken + amount - limit;
      if (missing <= 0) return 0;
      for (let at = first; at < log.length; at++) {
        const { timeMs, amount: freed } = log[at] ?? { timeMs: nowMs, amount: 0 };
        missing -= freed;
        if (missing <= 0) return timeMs + windowMs - nowMs;
      }
      return windowMs;
    },
    take(amount, nowMs) {
      expire(nowMs);
      log.push({ timeMs: nowMs, amount });
      taken += amount;
    },
    used(nowMs) {
      expire(nowMs);
      return taken;
    },
    resetMs(nowMs) {
      expire(nowMs);
      const newest = log.at(-1);
      return taken === 0 || newest === undefined ? 0 : newest.timeMs + windowMs - nowMs;
    },
  };
}
