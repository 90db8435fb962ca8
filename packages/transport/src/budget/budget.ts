import { ParrotError } from "@parallel-parrot/core";
import { checkBudgetLimits } from "../option-checks.ts";
import { toDollars, toPicodollars } from "./cost.ts";
import { formatDollars } from "./format-dollars.ts";

/** The most that may be spent, each dimension on its own. */
export interface BudgetLimits {
  /** US dollars. Needs the price of the model. @default no limit */
  readonly maxCost?: number;
  /** Input and output together, of all requests. Not the cap of one answer. @default no limit */
  readonly maxTokens?: number;
  /** Requests sent, refused ones and retries among them. @default no limit */
  readonly maxRequests?: number;
}

/** An amount of everything that a budget counts. */
export interface Spending {
  readonly requests: number;
  readonly tokens: number;
  /** US dollars; 0 where the price is not known. */
  readonly cost: number;
}

/** What has been taken from a budget. The three never come to more than its limits. */
export interface BudgetState {
  readonly limits: BudgetLimits;
  /** By requests whose usage is known. */
  readonly spent: Spending;
  /** The worst case of requests in flight. */
  readonly reserved: Spending;
  /** The worst case of requests that may have been paid for but whose answer was lost. */
  readonly lost: Spending;
}

/** The worst case of one request, set aside. The first of the three calls counts, the others do nothing. */
export interface Reservation {
  /** The request took this much. */
  settle(actual: Spending): void;
  /** The request was never sent: everything is given back. */
  refund(): void;
  /** Nobody knows what it took: it stays set aside for good. */
  lose(): void;
}

/** Keeps spending below its limits, however many requests are in flight; see {@linkcode createBudget}. */
export interface Budget {
  /**
   * Sets a worst case aside; waits while it does not fit yet, first come, first served. Rejects with a
   * ParrotError `BUDGET_EXHAUSTED` once it never will, or with the signal's reason.
   */
  reserve(worst: Spending, options?: { readonly signal?: AbortSignal }): Promise<Reservation>;
  /**
   * Sets a worst case aside at once; `undefined` where it does not fit yet or others came first, unless it takes
   * nothing that is limited. Throws where it never will fit.
   */
  tryReserve(worst: Spending): Reservation | undefined;
  readonly limits: BudgetLimits;
  /** A snapshot. */
  readonly state: BudgetState;
  /** Requests waiting for others to settle. */
  readonly waiting: number;
}

const DIMENSIONS = ["requests", "tokens", "cost"] as const;
type Dimension = (typeof DIMENSIONS)[number];
/** Whole numbers: the cost is in picodollars. */
type Amounts = Record<Dimension, number>;

const OPTIONS: Readonly<Record<Dimension, string>> = {
  requests: "budget.maxRequests",
  tokens: "budget.maxTokens",
  cost: "budget.maxCost",
};

interface Waiter {
  readonly worst: Amounts;
  readonly admit: (reservation: Reservation) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Makes a budget, which several pipelines may share. A request reserves its worst case before it is sent and
 * settles with what it took, so that spending is never above a limit unless a server takes more than the worst
 * case; then what is over is counted and nothing more is sent.
 *
 * @throws ParrotError `INVALID_OPTION`
 */
export function createBudget(limits: BudgetLimits): Budget {
  checkBudgetLimits(limits);
  const limit: Amounts = {
    requests: limits.maxRequests ?? Number.POSITIVE_INFINITY,
    tokens: limits.maxTokens ?? Number.POSITIVE_INFINITY,
    cost: toPicodollars(limits.maxCost ?? Number.POSITIVE_INFINITY),
  };
  const spent = nothing();
  const reserved = nothing();
  const lost = nothing();
  // A set keeps the order of arrival and forgets an aborted one at once.
  const waiters = new Set<Waiter>();

  /** The first limit that `worst` goes over on top of what is taken for good, or of everything. */
  function exceeded(worst: Amounts, alsoReserved: boolean): Dimension | undefined {
    return DIMENSIONS.find((dimension) => {
      const taken = spent[dimension] + lost[dimension] + (alsoReserved ? reserved[dimension] : 0);
      return taken + worst[dimension] > limit[dimension];
    });
  }

  function take(worst: Amounts): Reservation {
    add(reserved, worst, 1);
    let isOpen = true;
    const close = (to: Amounts | undefined, amounts: Amounts): void => {
      if (!isOpen) return;
      isOpen = false;
      add(reserved, worst, -1);
      if (to !== undefined) add(to, amounts, 1);
      admit();
    };
    return {
      settle: (actual) => close(spent, toAmounts(actual, Math.round)),
      refund: () => close(undefined, worst),
      lose: () => close(lost, worst),
    };
  }

  function admit(): void {
    for (const waiter of waiters) {
      const never = exceeded(waiter.worst, false);
      if (never === undefined && exceeded(waiter.worst, true) !== undefined) return;
      waiters.delete(waiter);
      if (never === undefined) waiter.admit(take(waiter.worst));
      else waiter.reject(exhausted(never, waiter.worst));
    }
  }

  function exhausted(dimension: Dimension, worst: Amounts): ParrotError {
    const show = (amount: number): string => format(dimension, amount);
    const option = OPTIONS[dimension];
    const held =
      lost[dimension] === 0 ? "" : `, ${show(lost[dimension])} held for requests whose answers were lost`;
    return new ParrotError(
      "BUDGET_EXHAUSTED",
      `The budget is used up: ${show(spent[dimension])} of ${option} ${show(limit[dimension])} spent${held}, and the next request may take ${show(worst[dimension])}. Raise ${option} to go on${dimension === "requests" ? "" : ", or lower the token cap of an answer, which is what a request sets aside"}`,
      { option },
    );
  }

  function tryReserve(worst: Amounts): Reservation | undefined {
    // What takes nothing that others wait for need not wait with them.
    const isFree = DIMENSIONS.every((each) => worst[each] === 0 || limit[each] === Number.POSITIVE_INFINITY);
    if (waiters.size > 0 && !isFree) return undefined;
    const never = exceeded(worst, false);
    if (never !== undefined) throw exhausted(never, worst);
    return exceeded(worst, true) === undefined ? take(worst) : undefined;
  }

  return {
    limits,
    async reserve(worst, { signal } = {}) {
      signal?.throwIfAborted();
      const amounts = toAmounts(worst, Math.ceil);
      const reservation = tryReserve(amounts);
      if (reservation !== undefined) return reservation;
      const { promise, resolve, reject } = Promise.withResolvers<Reservation>();
      const waiter: Waiter = { worst: amounts, admit: resolve, reject };
      waiters.add(waiter);
      const abort = (): void => {
        waiters.delete(waiter);
        reject(signal?.reason);
        // It may have been the one that held the others up.
        admit();
      };
      signal?.addEventListener("abort", abort, { once: true });
      try {
        return await promise;
      } finally {
        signal?.removeEventListener("abort", abort);
      }
    },
    tryReserve: (worst) => tryReserve(toAmounts(worst, Math.ceil)),
    get state() {
      return { limits, spent: toSpending(spent), reserved: toSpending(reserved), lost: toSpending(lost) };
    },
    get waiting() {
      return waiters.size;
    },
  };
}

function nothing(): Amounts {
  return { requests: 0, tokens: 0, cost: 0 };
}

function add(sum: Amounts, amounts: Amounts, sign: 1 | -1): void {
  for (const dimension of DIMENSIONS) sum[dimension] += sign * amounts[dimension];
}

function toAmounts({ requests, tokens, cost }: Spending, round: (amount: number) => number): Amounts {
  return { requests, tokens: round(tokens), cost: toPicodollars(cost) };
}

function toSpending({ requests, tokens, cost }: Amounts): Spending {
  return { requests, tokens, cost: toDollars(cost) };
}

function format(dimension: Dimension, amount: number): string {
  if (dimension === "cost") return formatDollars(toDollars(amount));
  return `${amount.toLocaleString("en-US")} ${dimension}`;
}
