/** A clock that goes faster than the one on the wall. Fits the limiter's option `clock`. */
interface ScaledClock {
  /** Milliseconds since some fixed moment. */
  now(): number;
  /** Calls back once after `ms`; the returned function cancels. */
  after(ms: number, callback: () => void): () => void;
}

/** Makes a clock that goes `factor` times as fast as the one on the wall. */
export function createScaledClock(factor: number): ScaledClock {
  return {
    now: () => performance.now() * factor,
    after(ms, callback) {
      const timer = setTimeout(callback, Math.max(ms, 0) / factor);
      return () => clearTimeout(timer);
    },
  };
}
