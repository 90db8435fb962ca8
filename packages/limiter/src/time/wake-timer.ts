import type { Clock } from "./clock.ts";

/** One timer for all requests that wait. It is only moved to an earlier time, as firing early does no harm. */
export class WakeTimer {
  readonly #clock: Clock;
  readonly #wake: () => void;
  #at: number = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Wakes at a time, or before. */
  set(at: number, now: number): void {
    if (at >= this.#at) return;
    this.#cancel?.();
    this.#at = at;
    this.#cancel = this.#clock.after(at - now, () => {
      this.#forget();
      this.#wake();
    });
  }

  clear(): void {
    this.#cancel?.();
    this.#forget();
  }

  #forget(): void {
    this.#cancel = undefined;
    this.#at = Number.POSITIVE_INFINITY;
  }
}
