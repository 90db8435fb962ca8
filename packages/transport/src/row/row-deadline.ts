import type { Clock } from "@parallel-parrot/limiter";
import type { Signals } from "../waiting/signals.ts";

/** The time limit of one row, which counts from its first turn to send. */
export class RowDeadline {
  /** The run's signals, which fire at the limit too. */
  readonly signals: Signals;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #timeout = new AbortController();
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, timeoutMs: number, { waiting, all }: Signals) {
    const { signal } = this.#timeout;
    this.signals = { waiting: AbortSignal.any([waiting, signal]), all: AbortSignal.any([all, signal]) };
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** Starts it, the first time. */
  start(): void {
    const ms = this.#timeoutMs;
    this.#cancel ??= this.#clock.after(ms, () =>
      this.#timeout.abort(
        new Error(`No answer for this row within ${ms / 1000} s, with all attempts and waits`),
      ),
    );
  }

  /** Whether this is the error that it ends the row with. */
  isReasonOf(error: unknown): boolean {
    return this.#timeout.signal.aborted && error === this.#timeout.signal.reason;
  }

  stop(): void {
    this.#cancel?.();
  }
}
