/** Records that are on their way to the disk. */
export class PendingAppends {
  /** How many there are. */
  count = 0;
  /** Why the first of those failed that did. */
  #failure: { readonly error: unknown } | undefined;
  /** Resolves when one of them has ended. */
  #change: PromiseWithResolvers<void> | undefined;

  add(append: Promise<void>): void {
    this.count += 1;
    append.then(
      () => this.#end(),
      (error: unknown) => {
        this.#failure ??= { error };
        this.#end();
      },
    );
  }

  /** Waits until there are fewer. @throws what one of them has failed with */
  async fewerThan(count: number): Promise<void> {
    while (this.count >= count) {
      this.#change ??= Promise.withResolvers();
      await this.#change.promise;
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Waits until all of them are durable. @throws what one of them has failed with */
  async all(): Promise<void> {
    await this.fewerThan(1);
  }

  #end(): void {
    this.count -= 1;
    this.#change?.resolve();
    this.#change = undefined;
  }
}
