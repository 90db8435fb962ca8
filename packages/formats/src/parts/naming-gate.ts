/** Called with the path of a complete file and the name that it is about to get. */
export type BeforeNaming = (path: string, name: string) => Promise<void>;

/** Holds complete files back until all of a set are: then they get their names, or none does. */
export class NamingGate {
  readonly #beforeNaming: BeforeNaming | undefined;
  readonly #names: readonly string[];
  /** The paths of complete files, by their names. */
  readonly #complete = new Map<string, string>();
  readonly #opened = Promise.withResolvers<void>();
  #missing: number;

  /** @param names of the files, in the order in which they are told */
  constructor(names: readonly string[], beforeNaming: BeforeNaming | undefined) {
    this.#names = names;
    this.#missing = names.length;
    this.#beforeNaming = beforeNaming;
    // Whoever waits at the gate is told.
    this.#opened.promise.catch(() => undefined);
  }

  /** Waits until all files are complete. */
  arrive(path: string, name: string): Promise<void> {
    this.#complete.set(name, path);
    this.pass();
    return this.#opened.promise;
  }

  /** Counts a file that gets no name, such as a pipe. */
  pass(): void {
    this.#missing -= 1;
    if (this.#missing === 0) this.#open().then(this.#opened.resolve, this.#opened.reject);
  }

  /** A file could not be completed, so none gets its name. */
  fail(error: unknown): void {
    this.#opened.reject(error);
  }

  async #open(): Promise<void> {
    for (const name of this.#names) {
      const path = this.#complete.get(name);
      if (path !== undefined) await this.#beforeNaming?.(path, name);
    }
  }
}
