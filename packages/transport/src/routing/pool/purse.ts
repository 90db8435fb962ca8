import type { Spending } from "../../budget/amounts.ts";
import { FREE_RESERVATION, type Budget, type Reservation } from "../../budget/budget.ts";

/**
 * What one request has set aside from the budget while it looks for a member of a pool: what it had to wait for is kept
 * for any member that takes no more.
 */
export class Purse {
  readonly #budget: Budget | undefined;
  #held: { readonly worst: Spending; readonly reservation: Reservation } | undefined;
  #isClosed = false;

  constructor(budget: Budget | undefined) {
    this.#budget = budget;
  }

  /**
   * Sets a worst case aside; `undefined` where the budget has no room for it yet. It is to be spent or given back.
   * Throws where the budget will never have room.
   */
  take(worst: Spending | undefined): Reservation | undefined {
    if (this.#budget === undefined || worst === undefined) return FREE_RESERVATION;
    const held = this.#held;
    return held !== undefined && isWithin(worst, held.worst)
      ? held.reservation
      : this.#budget.tryReserve(worst);
  }

  /** The reservation belongs to a lease from now on. */
  spend(reservation: Reservation): void {
    if (this.#held?.reservation === reservation) this.#held = undefined;
  }

  /** The reservation is not needed now. One that was waited for is kept. */
  giveBack(reservation: Reservation): void {
    if (this.#held?.reservation !== reservation) reservation.refund();
  }

  /** Waits until this much is set aside. Holds nothing meanwhile: others might wait for that. */
  async fill(worst: Spending, signal: AbortSignal): Promise<void> {
    this.#letGo();
    const reservation = await this.#budget?.reserve(worst, { signal });
    if (this.#isClosed) reservation?.refund();
    else if (reservation !== undefined) this.#held = { worst, reservation };
  }

  /** Whether it holds something that was waited for. */
  get isFilled(): boolean {
    return this.#held !== undefined;
  }

  /** Gives back what it holds, and what it still gets. */
  close(): void {
    this.#isClosed = true;
    this.#letGo();
  }

  #letGo(): void {
    this.#held?.reservation.refund();
    this.#held = undefined;
  }
}

function isWithin(worst: Spending, held: Spending): boolean {
  return worst.requests <= held.requests && worst.tokens <= held.tokens && worst.cost <= held.cost;
}
