import type { Charge } from "./quota/charge.ts";

/** How many later requests may overtake one that does not fit yet. */
export const MAX_OVERTAKEN = 32;

/** A request that waits for its turn. */
export interface Waiter {
  readonly charge: Charge;
  /** How many later requests have overtaken it. */
  overtaken: number;
  previous: Waiter | undefined;
  next: Waiter | undefined;
  isWaiting: boolean;
}

/** Waiting requests in order of arrival. Any of them can be taken out in constant time. */
export class FairQueue<W extends Waiter> {
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

  after(waiter: W): W | undefined {
    return waiter.next as W | undefined;
  }

  add(waiter: W): void {
    waiter.isWaiting = true;
    waiter.previous = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
    this.#length += 1;
  }

  /** Whether a new request may overtake all that wait. */
  get isPatient(): boolean {
    if (this.#length > MAX_OVERTAKEN) return false;
    for (let waiter = this.#first; waiter !== undefined; waiter = waiter.next)
      if (waiter.overtaken >= MAX_OVERTAKEN) return false;
    return true;
  }

  /** Counts that a request overtakes those in front of `end`, or all of them. */
  overtake(end?: W): void {
    for (let waiter = this.#first; waiter !== undefined && waiter !== end; waiter = waiter.next)
      waiter.overtaken += 1;
  }

  /** Takes a waiter out, and tells whether it was in the queue. */
  remove(waiter: W): boolean {
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
