import type { Charge } from "../quota/charge.ts";
import { addTo, dimensionsOf, mapCharge, type Amounts } from "./demand.ts";
import type { Lease } from "./limit-source.ts";

/** A sum of fractions may miss by a rounding error. */
const ROUNDING = 1e-6;

/** When a lease may be spent. */
export interface LeaseTimes {
  readonly from: number;
  /** It is spread evenly until then. */
  readonly to: number;
  /** Nothing of it may be spent from then on, whatever is left. */
  readonly until: number;
}

/** A lease that is spent evenly over its time: the first request at once, the others as far apart as it takes. */
export class Spending {
  readonly lease: Lease;
  readonly #times: LeaseTimes;
  readonly #spent: Amounts = {};

  constructor(lease: Lease, times: LeaseTimes) {
    this.lease = lease;
    this.#times = times;
  }

  /** When a charge may go; never, where too little is left. */
  readyAt(charge: Charge, now: number): number {
    const { from, to, until } = this.#times;
    if (now >= until) return Number.POSITIVE_INFINITY;
    let at = now;
    for (const dimension of dimensionsOf(charge)) {
      const granted = this.lease.granted[dimension];
      const amount = charge[dimension] ?? 0;
      if (granted === undefined || amount <= 0) continue;
      const spent = this.#spent[dimension] ?? 0;
      if (spent + amount > granted + ROUNDING) return Number.POSITIVE_INFINITY;
      at = Math.max(at, from + (Math.max(0, to - from) * spent) / granted);
    }
    return at < until ? at : Number.POSITIVE_INFINITY;
  }

  spend(charge: Charge): void {
    addTo(this.#spent, charge);
  }

  isOver(now: number): boolean {
    return now >= this.#times.until;
  }

  /** What is left of it. */
  rest(): Charge {
    return mapCharge(this.lease.granted, (granted, dimension) =>
      Math.max(0, granted - (this.#spent[dimension] ?? 0)),
    );
  }
}
