import { addUsage, NO_USAGE, type Usage } from "@parallel-parrot/core";
import type { JournalRun } from "@parallel-parrot/journal";
import type { Price, Provider, ProviderAnswer } from "@parallel-parrot/providers";
import type { Spending } from "./amounts.ts";
import type { BudgetLimits } from "./budget-limits.ts";
import { createBudget, FREE_RESERVATION, type Budget, type Reservation } from "./budget.ts";
import { costOf, toDollars, toPicodollars, uncachedCostOf } from "./cost.ts";
import { HttpError } from "../http/http-error.ts";
import { ANSWER_LOST_STATUSES } from "../errors/error-policy.ts";
import { RejectionError } from "../errors/rejection-error.ts";
import { requireBounds, worstCaseOf, type EstimatedRequest } from "./worst-case.ts";

/** Counts what one run spends at one endpoint, and keeps it within the budget. */
export interface SpendTracker {
  /** The most that a request can take; `undefined` where there is no budget. */
  worstOf(request: EstimatedRequest): Spending | undefined;
  /**
   * Sets a worst case aside at once; `undefined` where the budget has no room for it yet. Throws where it never will
   * have.
   */
  tryReserve(worst: Spending | undefined): Reservation | undefined;
  /** Sets a worst case aside. Waits where the budget has no room for it yet. */
  reserve(worst: Spending | undefined, signal: AbortSignal): Promise<Reservation>;
  /** Begins the expense of a request for which this much was set aside. */
  open(request: EstimatedRequest, reservation: Reservation): Expense;
  /** The usage of everything that was paid for. */
  readonly usage: Usage;
  /** What that cost, in US dollars; `undefined` where the price is not known. */
  readonly cost: number | undefined;
  /** What the prompt cache has saved, in US dollars; below 0 where writing to it cost more than reading from it saved. */
  readonly cacheSaving: number;
  /** Whether a part of `usage` is estimated, as a server did not tell the usage of an answer. */
  readonly usageIsEstimated: boolean;
  /** Requests whose answers were lost: they may have to be paid for, and no token of theirs is in `usage`. */
  readonly lostAnswers: number;
  readonly budget: Budget | undefined;
  readonly price: Price | undefined;
  /** What one request's usage costs, in US dollars; `undefined` where the price is not known. */
  priceOf(usage: Usage): number | undefined;
}

/** What one request takes from the budget, and adds to what was spent. */
export interface Expense {
  /** It is about to be sent, and may cost something from now on. */
  sending(): void;
  /** A response came, with an answer or with an error. Returns what it used. */
  answered(status: number, answer: ProviderAnswer): Usage;
  /** The request ended in an error. Does nothing where a response came before. */
  failed(error: unknown): void;
}

/** The options of a run that say what it may spend. */
export interface SpendOptions {
  readonly budget?: BudgetLimits | Budget;
  readonly price?: Price;
  /** The cap of one answer. */
  readonly maxTokens?: number;
  /** Parameters of each row, of which its cap may be one. */
  readonly rowParams?: unknown;
}

const CHARS_PER_TOKEN = 4;

/**
 * Makes the tracker of what one run spends.
 *
 * @throws ParrotError `INVALID_OPTION` where the budget cannot be kept: no price, or no bound on the answers
 */
export function createSpendTracker(provider: Provider, options: SpendOptions): SpendTracker {
  const price = options.price ?? provider.price;
  const budget = budgetOf(options);
  if (budget !== undefined)
    requireBounds(budget, price, {
      provider,
      maxTokens: options.maxTokens,
      isCapOfRow: options.rowParams !== undefined,
    });
  return new RunSpendTracker(price, budget);
}

/** Takes out of a budget what was paid before a run was resumed. */
export async function bookPaid(budget: Budget, { usage, cost }: JournalRun["paidBefore"]): Promise<void> {
  const reservation = await budget.reserve({ requests: 0, tokens: 0, cost: 0 });
  const { requests, inputTokens, outputTokens } = usage;
  reservation.settle({ requests, tokens: inputTokens + outputTokens, cost });
}

class RunSpendTracker implements SpendTracker {
  readonly budget: Budget | undefined;
  readonly price: Price | undefined;
  #picodollars = 0;
  #picodollarsSaved = 0;
  usage: Usage = NO_USAGE;
  usageIsEstimated = false;
  lostAnswers = 0;

  constructor(price: Price | undefined, budget: Budget | undefined) {
    this.price = price;
    this.budget = budget;
  }

  get cost(): number | undefined {
    return this.price === undefined ? undefined : toDollars(this.#picodollars);
  }

  get cacheSaving(): number {
    return toDollars(this.#picodollarsSaved);
  }

  worstOf(request: EstimatedRequest): Spending | undefined {
    return this.budget === undefined ? undefined : worstCaseOf(request, this.price, this.budget);
  }

  tryReserve(worst: Spending | undefined): Reservation | undefined {
    return this.budget === undefined || worst === undefined
      ? FREE_RESERVATION
      : this.budget.tryReserve(worst);
  }

  async reserve(worst: Spending | undefined, signal: AbortSignal): Promise<Reservation> {
    return this.budget === undefined || worst === undefined
      ? FREE_RESERVATION
      : this.budget.reserve(worst, { signal });
  }

  open(request: EstimatedRequest, reservation: Reservation): Expense {
    return new RunExpense(this, request, reservation);
  }

  priceOf(usage: Usage): number | undefined {
    return this.price === undefined ? undefined : costOf(usage, this.price);
  }

  record(spent: Usage): Spending {
    this.usage = addUsage(this.usage, spent);
    const cost = this.priceOf(spent) ?? 0;
    this.#picodollars += toPicodollars(cost);
    if (this.price !== undefined && spent.cachedInputTokens + (spent.cacheWriteTokens ?? 0) > 0)
      this.#picodollarsSaved += toPicodollars(uncachedCostOf(spent, this.price) - cost);
    return { requests: 1, tokens: spent.inputTokens + spent.outputTokens, cost };
  }
}

class RunExpense implements Expense {
  readonly #tracker: RunSpendTracker;
  readonly #request: EstimatedRequest;
  readonly #reservation: Reservation;
  #isSending = false;
  #isAnswered = false;

  constructor(tracker: RunSpendTracker, request: EstimatedRequest, reservation: Reservation) {
    this.#tracker = tracker;
    this.#request = request;
    this.#reservation = reservation;
  }

  sending(): void {
    this.#isSending = true;
  }

  answered(status: number, answer: ProviderAnswer): Usage {
    this.#isAnswered = true;
    const spent = this.#usageOf(answer);
    const amounts = this.#tracker.record(spent);
    if (isAnswerLost(status, answer)) this.#lose();
    else this.#reservation.settle(amounts);
    return spent;
  }

  failed(error: unknown): void {
    if (this.#isAnswered) return;
    if (this.#isSending && mayHaveArrived(error)) this.#lose();
    else this.#reservation.refund();
  }

  #lose(): void {
    this.#tracker.lostAnswers += 1;
    this.#reservation.lose();
  }

  #usageOf(answer: ProviderAnswer): Usage {
    if (!answer.ok) return answer.usage ?? { ...NO_USAGE, requests: 1 };
    const { usage, choices } = answer.completion;
    if (usage.inputTokens + usage.outputTokens > 0) return usage;
    this.#tracker.usageIsEstimated = true;
    const { call, estimate } = this.#request;
    const characters = choices.reduce(
      (sum, { text, thoughts = "" }) => sum + text.length + thoughts.length,
      0,
    );
    const { maxTokens = Number.POSITIVE_INFINITY } = call.params;
    const outputTokens = Math.min(Math.ceil(characters / CHARS_PER_TOKEN), maxTokens * call.n);
    return { ...usage, inputTokens: estimate.inputTokens, outputTokens };
  }
}

/** Whether a response has no usable answer, the model may have worked on it, and it does not tell the usage. */
function isAnswerLost(responseStatus: number, answer: ProviderAnswer): boolean {
  if (answer.ok || answer.usage !== undefined) return false;
  // A refusal with a status of success costs what it would cost with its own.
  const { status = responseStatus } = answer;
  return (status >= 200 && status < 300) || ANSWER_LOST_STATUSES.has(status);
}

/** Whether a request may have reached the server; in doubt, it may. */
function mayHaveArrived(error: unknown): boolean {
  const cause = error instanceof RejectionError ? error.cause : undefined;
  return !(cause instanceof HttpError) || cause.wasSent;
}

/** The budget of a run: one that pipelines share, or a new one of its own. */
export function budgetOf({ budget }: SpendOptions): Budget | undefined {
  if (budget === undefined) return undefined;
  return "reserve" in budget ? budget : createBudget(budget);
}
