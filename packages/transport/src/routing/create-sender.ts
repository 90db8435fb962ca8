import type { Clock } from "@parallel-parrot/limiter";
import type { JournalRun } from "@parallel-parrot/journal";
import type { Provider } from "@parallel-parrot/providers";
import { createSpendTracker } from "../budget/spend-tracker.ts";
import { createAnswers } from "../request/response-cache.ts";
import { createAttempts, type Attempts } from "./single-router.ts";
import type { CompletionProgress } from "../progress.ts";
import { limiterOf } from "./limiter-of.ts";
import type { ResolvedOptions } from "../options.ts";
import { isPool } from "./pool.ts";
import { createPoolBackend } from "./pool-router.ts";
import type { Canary } from "./canary.ts";

type Progress = Omit<
  CompletionProgress,
  "completed" | "skipped" | "failed" | "equal" | "reused" | "shared" | "paidBefore"
>;

/** Whom a stage asks: one provider or several, and what belongs to each. */
export interface Backend {
  readonly attempts: Pick<Attempts, "send" | "recall" | "look" | "breaker" | "forgives">;
  readonly clock: Clock;
  /** Goes on with a run of a journal. */
  open(run: JournalRun): Promise<void>;
  /** Ends what goes on beside the rows. */
  close(): Promise<void>;
  progress(): Progress;
}

/** @throws ParrotError `INVALID_OPTION` */
export function createBackend(provider: Provider, options: ResolvedOptions, canary: Canary): Backend {
  return isPool(provider)
    ? createPoolBackend(provider, options, canary)
    : createSingleBackend(provider, options, canary);
}

function createSingleBackend(provider: Provider, options: ResolvedOptions, canary: Canary): Backend {
  const limiter = options.limiter ?? limiterOf(options.limits, options);
  const spendTracker = createSpendTracker(provider, options);
  const attempts = createAttempts(provider, limiter, options, { spendTracker, canary });
  return {
    attempts,
    clock: limiter.clock,
    async open(run) {
      await spendTracker.paidBefore(run.paidBefore);
      attempts.answers = createAnswers(run, provider, spendTracker, options);
    },
    close: () => Promise.resolve(),
    progress: () => ({
      inFlight: limiter.inFlight,
      waiting: limiter.waiting + (spendTracker.budget?.waiting ?? 0),
      isOutage: attempts.breaker.isOpen,
      usage: spendTracker.usage,
      usageIsEstimated: spendTracker.usageIsEstimated,
      cost: spendTracker.cost,
      budget: spendTracker.budget?.state,
      limits: limiter.limits,
      amendments: [...attempts.amendments],
      members: [],
    }),
  };
}
