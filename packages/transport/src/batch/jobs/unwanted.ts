/** Says, once it does, that a run wants no more jobs: those are given up that are not made yet. */
export class Unwanted {
  readonly #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isSo(): boolean {
    return this.signal.aborted;
  }

  /** From now on no job is wanted. */
  begin(): void {
    this.#controller.abort(new UnwantedJob());
  }

  /** @throws UnwantedJob */
  throwIfSo(): void {
    this.signal.throwIfAborted();
  }
}

/** Thrown where a job is not made, as none is wanted any more. */
export class UnwantedJob extends Error {
  override readonly name: string = "UnwantedJob";
}
