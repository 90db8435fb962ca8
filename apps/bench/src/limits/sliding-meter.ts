import { MINUTE_MS, type Meter } from "./meter.ts";

/** What the last sixty seconds took, to the millisecond, must stay within the limit. */
export function createSlidingMeter(perMinute: number): Meter {
  let taken: { readonly at: number; readonly amount: number }[] = [];
  let used = 0;

  function expire(now: number): void {
    const kept = taken.findIndex(({ at }) => at > now - MINUTE_MS);
    const expired = taken.slice(0, kept < 0 ? taken.length : kept);
    if (expired.length === 0) return;
    for (const { amount } of expired) used -= amount;
    taken = taken.slice(expired.length);
  }

  return {
    waitFor(amount, now) {
      expire(now);
      let free = perMinute - used;
      if (amount <= free) return 0;
      for (const { at, amount: expiring } of taken) {
        free += expiring;
        if (amount <= free) return at + MINUTE_MS - now;
      }
      return MINUTE_MS;
    },
    take(amount, now) {
      taken.push({ at: now, amount });
      used += amount;
    },
    remaining(now) {
      expire(now);
      return perMinute - used;
    },
    resetIn(now) {
      return Math.max(0, (taken.at(-1)?.at ?? now - MINUTE_MS) + MINUTE_MS - now);
    },
  };
}
