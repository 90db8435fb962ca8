import type { Charge } from "./charge.ts";

/** A request that waits for its turn. */
export interface Waiter {
  readonly charge: Charge;
  /** How many that came later went first. */
  overtaken: number;
  previous: Waiter | undefined;
  next: Waiter | undefined;
  isWaiting: boolean;
}

/** Waiting requests in order of arrival; any can leave in constant time. */
export class WaitingLine<W extends Waiter> {
  #first: Waiter | undefined;
  #last: Waiter | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get first(): W | undefined {
    // Only waiters of this kind are ever linked.
    return this.#first as W | undefined;
  }

  join(waiter: W): void {
    waiter.isWaiting = true;
    waiter.previous = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
    this.#length += 1;
  }

  /** Takes a waiter out, and says whether it was in. */
  leave(waiter: W): boolean {
    if (!waiter.isWaiting) return false;
    waiter.isWaiting = false;
    const { previous, next } = waiter;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    waiter.previous = undefined;
    waiter.next = undefined;
    this.#length -= 1;
    return true;
  }
}
