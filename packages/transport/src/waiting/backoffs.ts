/** Counts the requests that wait a while before they are sent again. */
export class Backoffs {
  #count = 0;
  #lastFailure = "";

  get count(): number {
    return this.#count;
  }

  /** Why the last of them failed; `undefined` where there are none. */
  get lastFailure(): string | undefined {
    return this.#count === 0 ? undefined : this.#lastFailure;
  }

  /** Counts one until its wait is over. */
  async during(wait: Promise<void>, failure: string): Promise<void> {
    this.#count += 1;
    this.#lastFailure = failure;
    try {
      await wait;
    } finally {
      this.#count -= 1;
    }
  }
}
