import type { Clock } from "@parallel-parrot/limiter";
import type { Signals } from "../waiting/signals.ts";

/** The time limit of one row. */
export interface RowDeadline {
  /** The run's signals, which fire at the limit too. */
  readonly signals: Signals;
  /** Starts it, the first time. */
  start(): void;
  /** Whether an error is this clock's. */
  isOver(error: unknown): boolean;
  stop(): void;
}

/** Makes a row's clock, which stands until it is started. */
export function createRowDeadline(clock: Clock, timeoutMs: number, signals: Signals): RowDeadline {
  const timeout = new AbortController();
  let stop: (() => void) | undefined;
  return {
    signals: {
      waiting: AbortSignal.any([signals.waiting, timeout.signal]),
      all: AbortSignal.any([signals.all, timeout.signal]),
    },
    start() {
      stop ??= clock.after(timeoutMs, () => {
        timeout.abort(new Error(`No answer for this row within ${timeoutMs} ms`));
      });
    },
    isOver: (error) => timeout.signal.aborted && error === timeout.signal.reason,
    stop: () => stop?.(),
  };
}
