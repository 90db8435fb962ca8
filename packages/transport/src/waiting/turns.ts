/** Lets one piece of work go on at a time, in the order in which they came. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Does the work when all before it have ended, however they did. */
  next<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Waits for all work that has come so far. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
