import { WaitQueue } from "./wait-queue.ts";

/** Lets up to `count` in at once, first come, first served. */
export class Semaphore {
  #free: number;
  readonly #queue = new WaitQueue<undefined, void>();

  constructor(count: number) {
    this.#free = count;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** Waits for a place; returns `undefined` where one is free at once. {@linkcode release} must follow. */
  acquire(signal?: AbortSignal): Promise<void> | undefined {
    if (this.#free === 0) return this.#queue.wait(undefined, signal);
    this.#free -= 1;
    return undefined;
  }

  /** Gives the place to whoever waits longest. */
  release(): void {
    const { first } = this.#queue;
    if (first === undefined) this.#free += 1;
    else first.grant();
  }
}
