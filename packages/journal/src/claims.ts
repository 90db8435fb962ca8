/** Who is asking for what, so that equal requests are sent once. */
export class Claims {
  readonly #taken = new Map<string, PromiseWithResolvers<void> | undefined>();

  /** Takes the key and gives `undefined` where it is free; else a promise that resolves when it is released. */
  take(key: string): Promise<void> | undefined {
    if (!this.#taken.has(key)) {
      this.#taken.set(key, undefined);
      return undefined;
    }
    const waiting = this.#taken.get(key) ?? Promise.withResolvers<void>();
    this.#taken.set(key, waiting);
    return waiting.promise;
  }

  /** Releases the key: everyone who waits for it looks again. */
  release(key: string): void {
    const waiting = this.#taken.get(key);
    this.#taken.delete(key);
    waiting?.resolve();
  }
}
