import type { Spending } from "../budget/amounts.ts";
import { FREE_RESERVATION, type Budget, type Reservation } from "../budget/budget.ts";

/** What one request sets aside from the budget of a pool while it looks for a member. */
export class Purse {
  readonly #budget: Budget | undefined;
  #held: { readonly worst: Spending; readonly reservation: Reservation } | undefined;
  #isClosed = false;

  constructor(budget: Budget | undefined) {
    this.#budget = budget;
  }

  /** The worst case set aside at once, where that can be; to be spent or given back. Throws where it never can. */
  take(worst: Spending | undefined): Reservation | undefined {
    if (this.#budget === undefined || worst === undefined) return FREE_RESERVATION;
    const held = this.#held;
    return held !== undefined && isWithin(worst, held.worst)
      ? held.reservation
      : this.#budget.tryReserve(worst);
  }

  /** It belongs to a request now. */
  spend(reservation: Reservation): void {
    if (this.#held?.reservation === reservation) this.#held = undefined;
  }

  /** What was waited for stays. */
  giveBack(reservation: Reservation): void {
    if (this.#held?.reservation !== reservation) reservation.refund();
  }

  /** Waits in line until this much is set aside. Nothing is held meanwhile: it might be waited for. */
  async fill(worst: Spending, signal: AbortSignal): Promise<void> {
    this.#letGo();
    const reservation = await this.#budget?.reserve(worst, { signal });
    if (this.#isClosed) reservation?.refund();
    else if (reservation !== undefined) this.#held = { worst, reservation };
  }

  get isFilled(): boolean {
    return this.#held !== undefined;
  }

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
