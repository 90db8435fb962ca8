import type { Clock } from "./clock.ts";
import { createTimerHeap, type HeapTimer } from "./timer-heap.ts";

/** A clock that stands still until it is moved, for tests that need hours in milliseconds. */
export interface VirtualClock extends Clock {
  /** Moves time on by `ms`, firing timers in order and letting promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Like `advance` for code without promises: nothing but timers runs in between, thousands of times faster. */
  advanceSync(ms: number): void;
  /** Timers that have not fired. */
  readonly pendingTimers: number;
}

/** Makes a {@linkcode VirtualClock} at 0 ms. */
export function createVirtualClock(): VirtualClock {
  let time = 0;
  const timers = createTimerHeap();

  function fireNext(end: number): boolean {
    const timer: HeapTimer | undefined = timers.popUntil(end);
    if (timer === undefined) return false;
    time = Math.max(time, timer.at);
    timer.callback();
    return true;
  }

  return {
    now: () => time,
    get pendingTimers() {
      return timers.size;
    },
    after(ms, callback) {
      return timers.push(time + Math.max(ms, 0), callback);
    },
    async advance(ms) {
      const end = time + ms;
      do await new Promise((resolve) => setImmediate(resolve));
      while (fireNext(end));
      time = end;
    },
    advanceSync(ms) {
      const end = time + ms;
      while (fireNext(end));
      time = end;
    },
  };
}
