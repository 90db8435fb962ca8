/** Time for a limiter: monotonic, so that a jump of the wall clock changes nothing. */
export interface Clock {
  /** Milliseconds since some fixed moment. */
  now(): number;
  /** Calls back once after `ms`; the returned function cancels. */
  after(ms: number, callback: () => void): () => void;
}

/** Timers longer than this fire at once in Node. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The process's own monotonic clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(Math.ceil(ms), 0), MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
};
