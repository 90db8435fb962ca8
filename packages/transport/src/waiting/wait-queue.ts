import { LinkedList, ListItem } from "./linked-list.ts";

/** A caller in a {@linkcode WaitQueue}. It says what it needs, and waits for a `Grant`. */
export class Waiter<Need, Grant> extends ListItem<Waiter<Need, Grant>> {
  readonly need: Need;
  readonly promise: Promise<Grant>;
  readonly #resolve: (grant: Grant) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: ((waiter: Waiter<Need, Grant>) => void) | undefined;

  constructor(
    need: Need,
    signal: AbortSignal | undefined,
    onAbort: ((waiter: Waiter<Need, Grant>) => void) | undefined,
  ) {
    super();
    this.need = need;
    ({
      promise: this.promise,
      resolve: this.#resolve,
      reject: this.#reject,
    } = Promise.withResolvers<Grant>());
    this.#signal = signal;
    this.#onAbort = onAbort;
    signal?.addEventListener("abort", this, { once: true });
  }

  /** Ends the wait with what was waited for. */
  grant(grant: Grant): void {
    this.#leave();
    this.#resolve(grant);
  }

  /** Ends the wait with an error. */
  refuse(reason: unknown): void {
    this.#leave();
    this.#reject(reason);
  }

  /** The signal fires. The waiter itself is the listener, so that no closure is made for each. */
  handleEvent(): void {
    this.refuse(this.#signal?.reason);
    this.#onAbort?.(this);
  }

  #leave(): void {
    this.list?.remove(this);
    this.#signal?.removeEventListener("abort", this);
  }
}

/** Callers that wait for something, first come, first served. One whose signal fires leaves at once. */
export class WaitQueue<Need, Grant> {
  readonly #waiters = new LinkedList<Waiter<Need, Grant>>();

  get size(): number {
    return this.#waiters.size;
  }

  /** Who waits longest. */
  get first(): Waiter<Need, Grant> | undefined {
    return this.#waiters.first;
  }

  /**
   * Waits at the end of the queue; rejects with the signal's reason as soon as that fires.
   *
   * @param onAbort called then, once the waiter is out of the queue
   */
  wait(need: Need, signal?: AbortSignal, onAbort?: (waiter: Waiter<Need, Grant>) => void): Promise<Grant> {
    if (signal?.aborted === true) return Promise.reject<Grant>(signal.reason);
    const waiter = new Waiter<Need, Grant>(need, signal, onAbort);
    this.#waiters.push(waiter);
    return waiter.promise;
  }
}
