import { ParrotError } from "@parallel-parrot/core";
import type { BudgetWait } from "../run-wait.ts";
import { WaitQueue } from "../waiting/wait-queue.ts";
import {
  add,
  DIMENSIONS,
  formatAmount,
  nothing,
  toAmounts,
  toSpending,
  type Amounts,
  type Dimension,
  type Spending,
} from "./amounts.ts";
import { checkBudgetLimits, type BudgetLimits } from "./budget-limits.ts";
import { toDollars, toPicodollars } from "./cost.ts";

/** What has been taken from a budget. The three together are never more than its limits. */
export interface BudgetState {
  readonly limits: BudgetLimits;
  /** What requests took whose usage is known. */
  readonly spent: Spending;
  /** The most that the requests in flight can take. */
  readonly reserved: Spending;
  /** The most that requests can have taken whose answers were lost, and which may have been paid for. */
  readonly lost: Spending;
}

/** The most that one request can take, set aside for it. The first of the three calls counts, later ones do nothing. */
export interface Reservation {
  /** The request was answered, and took this much. */
  settle(actual: Spending): void;
  /** The request was never sent: everything is given back. */
  refund(): void;
  /** Nobody knows what the request took, so that all of it stays set aside for good. */
  lose(): void;
}

/** Keeps spending below its limits, however many requests are in flight; see {@linkcode createBudget}. */
export interface Budget {
  /**
   * Sets aside the most that a request can take. Waits while that does not fit yet, first come, first served.
   * Rejects with a ParrotError `BUDGET_EXHAUSTED` once it never will fit, or with the signal's reason.
   */
  reserve(worst: Spending, options?: { readonly signal?: AbortSignal }): Promise<Reservation>;
  /**
   * Sets it aside at once. Returns `undefined` where it does not fit yet, and where others wait already, unless it
   * takes nothing that is limited. Throws where it never will fit.
   */
  tryReserve(worst: Spending): Reservation | undefined;
  readonly limits: BudgetLimits;
  /** A snapshot. */
  readonly state: BudgetState;
  /** How many requests wait for others to settle. */
  readonly waiting: number;
  /** What the first of them waits for; `undefined` where none does. */
  readonly wait: BudgetWait | undefined;
}

const doNothing = (): void => undefined;
/** What stands for a reservation where there is no budget. */
export const FREE_RESERVATION: Reservation = { settle: doNothing, refund: doNothing, lose: doNothing };

/**
 * Makes a budget, which several pipelines may share. A request sets aside the most that it can take before it is
 * sent, and settles with what it took. So spending is never above a limit, unless a server takes more than the most
 * that was thought possible; then the excess is counted, and nothing more is sent.
 *
 * @throws ParrotError `INVALID_OPTION`
 */
export function createBudget(limits: BudgetLimits): Budget {
  checkBudgetLimits(limits);
  return new LimitedBudget(limits);
}

const OPTIONS: Readonly<Record<Dimension, BudgetWait["option"]>> = {
  requests: "budget.maxRequests",
  tokens: "budget.maxTokens",
  cost: "budget.maxCost",
};

class LimitedBudget implements Budget {
  readonly limits: BudgetLimits;
  readonly #limit: Readonly<Amounts>;
  readonly #spent = nothing();
  readonly #reserved = nothing();
  readonly #lost = nothing();
  readonly #queue = new WaitQueue<Amounts, Reservation>();
  /** When a request had to wait while no other did. */
  #waitsSince = 0;

  constructor(limits: BudgetLimits) {
    const {
      maxRequests = Number.POSITIVE_INFINITY,
      maxTokens = Number.POSITIVE_INFINITY,
      maxCost = Number.POSITIVE_INFINITY,
    } = limits;
    this.limits = limits;
    this.#limit = { requests: maxRequests, tokens: maxTokens, cost: toPicodollars(maxCost) };
  }

  get state(): BudgetState {
    return {
      limits: this.limits,
      spent: toSpending(this.#spent),
      reserved: toSpending(this.#reserved),
      lost: toSpending(this.#lost),
    };
  }

  get waiting(): number {
    return this.#queue.size;
  }

  get wait(): BudgetWait | undefined {
    const worst = this.#queue.first?.need;
    const short = worst && this.#exceeded(worst, this.#reserved);
    if (worst === undefined || short === undefined) return undefined;
    return {
      kind: "budget",
      option: OPTIONS[short],
      next: short === "cost" ? toDollars(worst.cost) : worst[short],
      holders: this.#reserved.requests,
      sinceMs: performance.now() - this.#waitsSince,
    };
  }

  async reserve(worst: Spending, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Reservation> {
    signal?.throwIfAborted();
    const amounts = toAmounts(worst, Math.ceil);
    const taken = this.#takeNow(amounts);
    if (taken !== undefined) return taken;
    if (this.#queue.size === 0) this.#waitsSince = performance.now();
    return this.#queue.wait(amounts, signal, this.#admit);
  }

  tryReserve(worst: Spending): Reservation | undefined {
    return this.#takeNow(toAmounts(worst, Math.ceil));
  }

  #takeNow(worst: Amounts): Reservation | undefined {
    // A request that takes nothing of what is limited need not wait behind others.
    const isFree = DIMENSIONS.every(
      (dimension) => worst[dimension] === 0 || this.#limit[dimension] === Number.POSITIVE_INFINITY,
    );
    if (this.#queue.size > 0 && !isFree) return undefined;
    const never = this.#exceeded(worst);
    if (never !== undefined) throw this.#exhausted(never, worst);
    return this.#exceeded(worst, this.#reserved) === undefined ? this.#take(worst) : undefined;
  }

  /**
   * Serves whoever waits, in order, until one does not fit yet, and turns away those who never will fit. It is also
   * called when a waiter gives up, as that one may have held up the others.
   */
  readonly #admit = (): void => {
    for (let { first } = this.#queue; first !== undefined; first = this.#queue.first) {
      const { need: worst } = first;
      const never = this.#exceeded(worst);
      if (never === undefined && this.#exceeded(worst, this.#reserved) !== undefined) return;
      if (never === undefined) first.grant(this.#take(worst));
      else first.refuse(this.#exhausted(never, worst));
    }
  };

  #take(worst: Amounts): Reservation {
    add(this.#reserved, worst, 1);
    return new TakenReservation(worst, this.#close);
  }

  /** Ends a reservation, and counts in its place what was spent or lost. */
  readonly #close: CloseReservation = (worst, end, actual) => {
    add(this.#reserved, worst, -1);
    if (end === "spent") add(this.#spent, actual, 1);
    else if (end === "lost") add(this.#lost, worst, 1);
    this.#admit();
  };

  /** The first limit that `worst` would break, on top of what was spent and lost, and of what is `reserved`. */
  #exceeded(worst: Amounts, reserved?: Readonly<Amounts>): Dimension | undefined {
    return DIMENSIONS.find((dimension) => {
      const taken = this.#spent[dimension] + this.#lost[dimension] + (reserved?.[dimension] ?? 0);
      return taken + worst[dimension] > this.#limit[dimension];
    });
  }

  #exhausted(dimension: Dimension, worst: Amounts): ParrotError {
    const show = (amount: number): string => formatAmount(dimension, amount);
    const option = OPTIONS[dimension];
    const lost = this.#lost[dimension];
    const held = lost === 0 ? "" : `, ${show(lost)} set aside for requests whose answers were lost`;
    return new ParrotError(
      "BUDGET_EXHAUSTED",
      `The budget is used up: ${show(this.#spent[dimension])} of ${option} ${show(this.#limit[dimension])} spent${held}, and the next request may take ${show(worst[dimension])}. Raise ${option} to go on${dimension === "requests" ? "" : ", or lower maxTokens, as each request sets aside the most that its answer may cost"}`,
      { option },
    );
  }
}

/** Ends a reservation; `actual` is what the request took, where it was answered. */
type CloseReservation = (worst: Amounts, end: "spent" | "lost" | "unused", actual: Amounts) => void;

class TakenReservation implements Reservation {
  readonly #worst: Amounts;
  readonly #close: CloseReservation;
  #isOpen = true;

  constructor(worst: Amounts, close: CloseReservation) {
    this.#worst = worst;
    this.#close = close;
  }

  settle(actual: Spending): void {
    this.#end("spent", toAmounts(actual, Math.round));
  }

  refund(): void {
    this.#end("unused", this.#worst);
  }

  lose(): void {
    this.#end("lost", this.#worst);
  }

  #end(end: "spent" | "lost" | "unused", actual: Amounts): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#close(this.#worst, end, actual);
  }
}
