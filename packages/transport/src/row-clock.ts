import type { Clock } from "@parallel-parrot/limiter";
import type { Signals } from "./attempt.ts";

/** The time limit of one row. */
export interface RowClock {
  /** The run's signals, which fire at the limit too. */
  readonly signals: Signals;
  /** Whether an error is this clock's. */
  isOver(error: unknown): boolean;
  stop(): void;
}

/** Starts a row's clock. */
export function startRowClock(clock: Clock, timeoutMs: number, signals: Signals): RowClock {
  const timeout = new AbortController();
  const stop = clock.after(timeoutMs, () => {
    timeout.abort(new Error(`No answer for this row within ${timeoutMs} ms`));
  });
  return {
    signals: {
      waiting: AbortSignal.any([signals.waiting, timeout.signal]),
      all: AbortSignal.any([signals.all, timeout.signal]),
    },
    isOver: (error) => timeout.signal.aborted && error === timeout.signal.reason,
    stop,
  };
}
