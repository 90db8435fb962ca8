import { LinkedList, ListItem } from "./linked-list.ts";

class Waiter extends ListItem<Waiter> {
  readonly admit: () => void;

  constructor(admit: () => void) {
    super();
    this.admit = admit;
  }
}

/** Lets so many in at once, first come, first served. */
export class Semaphore {
  #free: number;
  readonly #waiting = new LinkedList<Waiter>();

  constructor(count: number) {
    this.#free = count;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** At once where there is room. {@linkcode release} must follow. */
  acquire(signal: AbortSignal): Promise<void> | undefined {
    if (this.#free > 0) {
      this.#free -= 1;
      return undefined;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = (): void => {
      this.#waiting.remove(waiter);
      reject(signal.reason);
    };
    const waiter = new Waiter(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    });
    this.#waiting.push(waiter);
    signal.addEventListener("abort", abort, { once: true });
    return promise;
  }

  /** Gives the place to whoever waits longest. */
  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next.admit();
  }
}
