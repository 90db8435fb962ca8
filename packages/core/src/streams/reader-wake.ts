/** Wakes a reader that waits for outputs. */
export class ReaderWake {
  #wake: (() => void) | undefined;
  #isPlanned = false;

  /** Resolves at the next wake. */
  wait(): Promise<void> {
    return new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  now(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** Wakes at the end of this turn of the event loop, once for all that ask for it until then. */
  soon(): void {
    if (this.#isPlanned || this.#wake === undefined) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      this.now();
    });
  }
}
