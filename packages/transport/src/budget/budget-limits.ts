import { checkArgument, expecting, optionsOf, wholeNumber, type OptionCheck } from "@parallel-parrot/core";

/** The most that may be spent. Each limit holds on its own. */
export interface BudgetLimits {
  /** US dollars. Needs the price of the model. @default no limit */
  readonly maxCost?: number;
  /** Tokens of input and output together, of all requests; it does not cap one answer. @default no limit */
  readonly maxTokens?: number;
  /** Requests sent, with refused ones and retries. @default no limit */
  readonly maxRequests?: number;
}

/** Checks the limits of a budget. */
export const budgetLimits: OptionCheck = optionsOf<BudgetLimits>({
  maxCost: expecting("US dollars above 0", (value) => Number.isFinite(value) && Number(value) > 0),
  maxTokens: wholeNumber(1),
  maxRequests: wholeNumber(1),
});

/** @throws ParrotError `INVALID_OPTION` that names the limit */
export function checkBudgetLimits(limits: unknown): void {
  checkArgument("createBudget", "budget", limits, budgetLimits);
}
