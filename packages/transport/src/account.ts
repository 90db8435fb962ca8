import { addUsage, NO_USAGE, type Usage } from "@parallel-parrot/core";
import type { Provider, ProviderAnswer } from "@parallel-parrot/providers";
import { createBudget, type Budget, type Reservation, type Spending } from "./budget.ts";
import { costOf, toDollars, toPicodollars } from "./cost.ts";
import { HttpError } from "./http-client.ts";
import type { ResolvedOptions } from "./options.ts";
import { RejectionError } from "./rejection-error.ts";
import { requireBounds, worstCaseOf, type PlannedRequest } from "./worst-case.ts";

/** What one run has spent, and the budget it keeps to. */
export interface Account {
  /** Sets aside what a request may take at most; waits where the budget says so. At once where there is none. */
  open(request: PlannedRequest, signal: AbortSignal): Entry | Promise<Entry>;
  /** Everything paid for. */
  readonly usage: Usage;
  /** In US dollars; `undefined` where the price is not known. */
  readonly cost: number | undefined;
  /** Whether a part of `usage` is estimated, as an answer did not tell. */
  readonly usageIsEstimated: boolean;
  readonly budget: Budget | undefined;
}

/** One request on the account. */
export interface Entry {
  /** From now on it may be paid for. */
  sending(): void;
  /** It was answered, well or not; gives what that cost. */
  answered(status: number, answer: ProviderAnswer): Usage;
  /** It ended in an error. Does nothing where it was answered. */
  failed(error: unknown): void;
}

const CHARS_PER_TOKEN = 4;
/** Statuses of a server in front that gave up on one behind it, which may have answered. */
const ANSWER_LOST = new Set([408, 499, 502, 504, 520, 522, 524]);

/**
 * Opens the account of a run.
 *
 * @throws ParrotError `INVALID_OPTION` where the budget cannot be kept: no price, or no bound on the answers
 */
export function createAccount(provider: Provider, options: ResolvedOptions): Account {
  const price = options.price ?? provider.price;
  const budget = budgetOf(options);
  if (budget !== undefined) requireBounds(budget, price, { provider, maxTokens: options.maxTokens });
  let usage: Usage = NO_USAGE;
  let picodollars = 0;
  let isEstimated = false;

  function record(spent: Usage): Spending {
    usage = addUsage(usage, spent);
    const spentCost = price === undefined ? 0 : costOf(spent, price);
    picodollars += toPicodollars(spentCost);
    return { requests: 1, tokens: spent.inputTokens + spent.outputTokens, cost: spentCost };
  }

  function usageOf({ call, estimate }: PlannedRequest, answer: ProviderAnswer): Usage {
    if (!answer.ok) return answer.usage ?? { ...NO_USAGE, requests: 1 };
    const { usage: told, choices } = answer.completion;
    if (told.inputTokens + told.outputTokens > 0) return told;
    isEstimated = true;
    const characters = choices.reduce((sum, { text }) => sum + text.length, 0);
    const outputTokens = Math.ceil(characters / CHARS_PER_TOKEN);
    const { maxTokens = Number.POSITIVE_INFINITY } = call.params;
    return {
      ...told,
      inputTokens: estimate.inputTokens,
      outputTokens: Math.min(outputTokens, maxTokens * call.n),
    };
  }

  function enter(planned: PlannedRequest, reservation: Reservation | undefined): Entry {
    let isSending = false;
    let isAnswered = false;
    return {
      sending() {
        isSending = true;
      },
      answered(status, answer) {
        isAnswered = true;
        const spent = usageOf(planned, answer);
        const amounts = record(spent);
        if (isAnswerLost(status, answer)) reservation?.lose();
        else reservation?.settle(amounts);
        return spent;
      },
      failed(error) {
        if (isAnswered) return;
        if (isSending && mayHaveArrived(error)) reservation?.lose();
        else reservation?.refund();
      },
    };
  }

  async function reserve(planned: PlannedRequest, budget: Budget, signal: AbortSignal): Promise<Entry> {
    return enter(planned, await budget.reserve(worstCaseOf(planned, price, budget), { signal }));
  }

  return {
    budget,
    get usage() {
      return usage;
    },
    get cost() {
      return price === undefined ? undefined : toDollars(picodollars);
    },
    get usageIsEstimated() {
      return isEstimated;
    },
    open: (planned, signal) =>
      budget === undefined ? enter(planned, undefined) : reserve(planned, budget, signal),
  };
}

/** A response without a usable answer after the model may have worked, and no word on what that took. */
function isAnswerLost(status: number, answer: ProviderAnswer): boolean {
  if (answer.ok || answer.usage !== undefined) return false;
  return (status >= 200 && status < 300) || ANSWER_LOST.has(status);
}

/** Where in doubt, a request may have reached the server. */
function mayHaveArrived(error: unknown): boolean {
  const cause = error instanceof RejectionError ? error.cause : undefined;
  return !(cause instanceof HttpError) || cause.wasSent;
}

function budgetOf({ budget }: ResolvedOptions): Budget | undefined {
  if (budget === undefined) return undefined;
  return "reserve" in budget ? budget : createBudget(budget);
}
