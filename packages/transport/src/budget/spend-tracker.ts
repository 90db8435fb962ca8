import { addUsage, NO_USAGE, type Usage } from "@parallel-parrot/core";
import type { JournalRun } from "@parallel-parrot/journal";
import type { Price, Provider, ProviderAnswer } from "@parallel-parrot/providers";
import type { Spending } from "./amounts.ts";
import { createBudget, type Budget, type Reservation } from "./budget.ts";
import { costOf, toDollars, toPicodollars } from "./cost.ts";
import { HttpError } from "../http/http-error.ts";
import type { ResolvedOptions } from "../options.ts";
import { ANSWER_LOST_STATUSES } from "../errors/error-policy.ts";
import { RejectionError } from "../errors/rejection-error.ts";
import { requireBounds, worstCaseOf, type PlannedRequest } from "./worst-case.ts";

/** What one run has spent, and the budget it keeps to. */
export interface SpendTracker {
  /** Sets aside what a request may take at most; waits where the budget says so. At once where there is none. */
  open(request: PlannedRequest, signal: AbortSignal): Expense | Promise<Expense>;
  /** What a request may take at most; `undefined` where there is no budget. */
  worstOf(request: PlannedRequest): Spending | undefined;
  /** Opens with what was set aside already. */
  openWith(request: PlannedRequest, reservation: Reservation | undefined): Expense;
  /** Everything paid for. */
  readonly usage: Usage;
  /** In US dollars; `undefined` where the price is not known. */
  readonly cost: number | undefined;
  /** Whether a part of `usage` is estimated, as an answer did not tell. */
  readonly usageIsEstimated: boolean;
  readonly budget: Budget | undefined;
  /** Takes what this run paid before out of its own budget; one that is shared has its own memory. */
  paidBefore(paid: JournalRun["paidBefore"]): Promise<void>;
  /** What one request's usage costs, in US dollars; `undefined` where the price is not known. */
  priceOf(usage: Usage): number | undefined;
}

/** What one request takes from the budget and adds to the spending. */
export interface Expense {
  /** From now on it may be paid for. */
  sending(): void;
  /** It was answered, well or not; returns the usage. */
  answered(status: number, answer: ProviderAnswer): Usage;
  /** It ended in an error. Does nothing where it was answered. */
  failed(error: unknown): void;
}

const CHARS_PER_TOKEN = 4;

/**
 * Makes the tracker of what one run spends.
 *
 * @throws ParrotError `INVALID_OPTION` where the budget cannot be kept: no price, or no bound on the answers
 */
export function createSpendTracker(provider: Provider, options: ResolvedOptions): SpendTracker {
  const price = options.price ?? provider.price;
  const budget = budgetOf(options);
  const isShared = budget !== undefined && budget === options.budget;
  if (budget !== undefined) requireBounds(budget, price, { provider, maxTokens: options.maxTokens });
  return new RunSpendTracker(price, budget, isShared);
}

/** Takes what was paid before out of a budget. */
export async function bookPaid(budget: Budget, { usage, cost }: JournalRun["paidBefore"]): Promise<void> {
  const reservation = await budget.reserve({ requests: 0, tokens: 0, cost: 0 });
  const { requests, inputTokens, outputTokens } = usage;
  reservation.settle({ requests, tokens: inputTokens + outputTokens, cost });
}

class RunSpendTracker implements SpendTracker {
  readonly budget: Budget | undefined;
  readonly #price: Price | undefined;
  readonly #isShared: boolean;
  #picodollars = 0;
  usage: Usage = NO_USAGE;
  usageIsEstimated = false;

  constructor(price: Price | undefined, budget: Budget | undefined, isShared: boolean) {
    this.#isShared = isShared;
    this.#price = price;
    this.budget = budget;
  }

  get cost(): number | undefined {
    return this.#price === undefined ? undefined : toDollars(this.#picodollars);
  }

  open(planned: PlannedRequest, signal: AbortSignal): Expense | Promise<Expense> {
    const { budget } = this;
    if (budget === undefined) return new RunExpense(this, planned, undefined);
    return budget
      .reserve(worstCaseOf(planned, this.#price, budget), { signal })
      .then((reservation) => this.openWith(planned, reservation));
  }

  worstOf(planned: PlannedRequest): Spending | undefined {
    return this.budget === undefined ? undefined : worstCaseOf(planned, this.#price, this.budget);
  }

  openWith(planned: PlannedRequest, reservation: Reservation | undefined): Expense {
    return new RunExpense(this, planned, reservation);
  }

  async paidBefore({ usage, cost }: JournalRun["paidBefore"]): Promise<void> {
    if (this.budget === undefined || this.#isShared) return;
    await bookPaid(this.budget, { usage, cost });
  }

  priceOf(usage: Usage): number | undefined {
    return this.#price === undefined ? undefined : costOf(usage, this.#price);
  }

  record(spent: Usage): Spending {
    this.usage = addUsage(this.usage, spent);
    const cost = this.priceOf(spent) ?? 0;
    this.#picodollars += toPicodollars(cost);
    return { requests: 1, tokens: spent.inputTokens + spent.outputTokens, cost };
  }
}

class RunExpense implements Expense {
  readonly #tracker: RunSpendTracker;
  readonly #planned: PlannedRequest;
  readonly #reservation: Reservation | undefined;
  #isSending = false;
  #isAnswered = false;

  constructor(tracker: RunSpendTracker, planned: PlannedRequest, reservation: Reservation | undefined) {
    this.#tracker = tracker;
    this.#planned = planned;
    this.#reservation = reservation;
  }

  sending(): void {
    this.#isSending = true;
  }

  answered(status: number, answer: ProviderAnswer): Usage {
    this.#isAnswered = true;
    const spent = this.#usageOf(answer);
    const amounts = this.#tracker.record(spent);
    if (isAnswerLost(status, answer)) this.#reservation?.lose();
    else this.#reservation?.settle(amounts);
    return spent;
  }

  failed(error: unknown): void {
    if (this.#isAnswered) return;
    if (this.#isSending && mayHaveArrived(error)) this.#reservation?.lose();
    else this.#reservation?.refund();
  }

  #usageOf(answer: ProviderAnswer): Usage {
    if (!answer.ok) return answer.usage ?? { ...NO_USAGE, requests: 1 };
    const { usage, choices } = answer.completion;
    if (usage.inputTokens + usage.outputTokens > 0) return usage;
    this.#tracker.usageIsEstimated = true;
    const { call, estimate } = this.#planned;
    const characters = choices.reduce(
      (sum, { text, thoughts = "" }) => sum + text.length + thoughts.length,
      0,
    );
    const { maxTokens = Number.POSITIVE_INFINITY } = call.params;
    const outputTokens = Math.min(Math.ceil(characters / CHARS_PER_TOKEN), maxTokens * call.n);
    return { ...usage, inputTokens: estimate.inputTokens, outputTokens };
  }
}

/** A response without a usable answer after the model may have worked, and no word on what that took. */
function isAnswerLost(status: number, answer: ProviderAnswer): boolean {
  if (answer.ok || answer.usage !== undefined) return false;
  return (status >= 200 && status < 300) || ANSWER_LOST_STATUSES.has(status);
}

/** Where in doubt, a request may have reached the server. */
function mayHaveArrived(error: unknown): boolean {
  const cause = error instanceof RejectionError ? error.cause : undefined;
  return !(cause instanceof HttpError) || cause.wasSent;
}

/** The budget of a run: one that is shared, or one of its own. */
export function budgetOf({ budget }: ResolvedOptions): Budget | undefined {
  if (budget === undefined) return undefined;
  return "reserve" in budget ? budget : createBudget(budget);
}
