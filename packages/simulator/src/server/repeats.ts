/** How often a body was received. */
export interface Repeat {
  attempts: number;
  /** How often it was admitted and answered. */
  answers: number;
}

/** Counts repeats of bodies by their hash. Only the last `limit` bodies are remembered, so that memory is bounded. */
export class Repeats {
  readonly #limit: number;
  readonly #counts = new Map<string, Repeat>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Counts one more attempt. */
  attempt(bodyHash: string): Repeat {
    let repeat = this.#counts.get(bodyHash);
    if (repeat === undefined) {
      repeat = { attempts: 0, answers: 0 };
      this.#counts.set(bodyHash, repeat);
      if (this.#counts.size > this.#limit) this.#dropOldest();
    }
    repeat.attempts += 1;
    return repeat;
  }

  clear(): void {
    this.#counts.clear();
  }

  #dropOldest(): void {
    for (const oldest of this.#counts.keys()) {
      this.#counts.delete(oldest);
      return;
    }
  }
}
