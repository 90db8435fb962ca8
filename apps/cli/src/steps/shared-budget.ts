import type { JournalRun } from "@parallel-parrot/journal";
import { createBudget, type Budget, type BudgetLimits } from "@parallel-parrot/transport";

/** One budget for all steps of a run, of which is taken what each had paid before the run went on. */
export async function sharedBudget(
  limits: BudgetLimits | undefined,
  runs: readonly (JournalRun | undefined)[],
): Promise<Budget | undefined> {
  if (limits === undefined) return undefined;
  const budget = createBudget(limits);
  for (const run of runs) {
    if (run === undefined) continue;
    const { usage, cost } = run.paidBefore;
    const paid = await budget.reserve({ requests: 0, tokens: 0, cost: 0 });
    paid.settle({ requests: usage.requests, tokens: usage.inputTokens + usage.outputTokens, cost });
  }
  return budget;
}
