import { MINUTE_MS, type Meter } from "./meter.ts";

/** A bucket that begins full and fills continuously, holding the limit's worth of some time. */
export function createBucketMeter(perMinute: number, holdsMs: number, start: number): Meter {
  const perMs = perMinute / MINUTE_MS;
  const capacity = perMs * holdsMs;
  let level = capacity;
  let at = start;

  function fill(now: number): void {
    level = Math.min(capacity, level + (now - at) * perMs);
    at = now;
  }

  return {
    waitFor(amount, now) {
      fill(now);
      return Math.max(0, (amount - level) / perMs);
    },
    take(amount, now) {
      fill(now);
      level -= amount;
    },
    remaining(now) {
      fill(now);
      return level;
    },
    resetIn(now) {
      fill(now);
      return (capacity - level) / perMs;
    },
  };
}
