/** How many times as fast as the clock on the wall time goes in this part, on both sides. */
export const TIME_FACTOR = 10;

/** Milliseconds of the shortened time, since some fixed moment. */
export function scaledNow(): number {
  return performance.now() * TIME_FACTOR;
}

/** Calls back after so many milliseconds of the shortened time; the returned function cancels. */
export function afterScaled(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, Math.max(ms, 0) / TIME_FACTOR);
  return () => clearTimeout(timer);
}

/** What is measured: after five seconds, for four whole minutes, without the last tenth of the run. */
export const STEADY_FROM_MS = 5000;
export const STEADY_TO_MS: number = STEADY_FROM_MS + 4 * 60_000;
export const RUN_MS: number = STEADY_TO_MS / 0.9;
