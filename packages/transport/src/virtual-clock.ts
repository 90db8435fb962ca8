import type { Clock } from "./clock.ts";

/** A clock that stands still until it is moved, for tests that need hours in milliseconds. */
export interface VirtualClock extends Clock {
  /** Moves time on by `ms`, firing timers in order and letting promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Timers that have not fired. */
  readonly pendingTimers: number;
}

/** Makes a {@linkcode VirtualClock} at 0 ms. */
export function createVirtualClock(): VirtualClock {
  let time = 0;
  const timers = new Map<symbol, { readonly at: number; readonly callback: () => void }>();
  return {
    now: () => time,
    get pendingTimers() {
      return timers.size;
    },
    after(ms, callback) {
      const key = Symbol("timer");
      timers.set(key, { at: time + Math.max(ms, 0), callback });
      return () => void timers.delete(key);
    },
    async advance(ms) {
      const end = time + ms;
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        const [next] = [...timers].toSorted(([, a], [, b]) => a.at - b.at);
        if (next === undefined || next[1].at > end) break;
        time = Math.max(time, next[1].at);
        timers.delete(next[0]);
        next[1].callback();
      }
      time = end;
    },
  };
}
