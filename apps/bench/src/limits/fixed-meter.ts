import { MINUTE_MS, type Meter } from "./meter.ts";
import { STEADY_FROM_MS } from "./steady-part.ts";

/** A counter that starts anew every minute. */
export function createFixedMeter(perMinute: number, start: number): Meter {
  // Clients do not come at the beginning of a minute, and what is measured is whole minutes.
  let end = start + STEADY_FROM_MS;
  let used = 0;

  function turn(now: number): void {
    if (now < end) return;
    used = 0;
    while (end <= now) end += MINUTE_MS;
  }

  return {
    waitFor(amount, now) {
      turn(now);
      return used + amount <= perMinute ? 0 : end - now;
    },
    take(amount, now) {
      turn(now);
      used += amount;
    },
    remaining(now) {
      turn(now);
      return perMinute - used;
    },
    resetIn(now) {
      turn(now);
      return end - now;
    },
  };
}
