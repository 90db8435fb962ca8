import { addUsage, NO_USAGE, ParrotError } from "@parallel-parrot/core";
import { createLimiter, type Clock, type LimiterOptions } from "@parallel-parrot/limiter";
import type { JournalRun } from "@parallel-parrot/journal";
import type { Provider } from "@parallel-parrot/providers";
import { bookPaid, budgetOf, createAccount } from "./account.ts";
import { createAnswers } from "./answers.ts";
import { createAttempts, type Attempts } from "./attempt.ts";
import type { CompletionProgress } from "./completion-stream.ts";
import { Exchange } from "./exchange.ts";
import { Member } from "./member.ts";
import type { ResolvedOptions } from "./options.ts";
import { isPool, type Pool, type PoolMember } from "./pool.ts";
import { PoolAttempts } from "./pool-attempts.ts";
import { PoolTurns } from "./pool-turns.ts";
import type { Setup } from "./setup.ts";

type Progress = Omit<CompletionProgress, "completed" | "failed" | "reused" | "paidBefore">;

/** Whom a stage asks: one provider or several, and what belongs to each. */
export interface Backend {
  readonly attempts: Pick<Attempts, "send" | "recall" | "look" | "breaker" | "forgives">;
  readonly clock: Clock;
  /** Goes on with a run of a journal. */
  open(run: JournalRun): Promise<void>;
  progress(): Progress;
}

/** @throws ParrotError `INVALID_OPTION` */
export function createBackend(provider: Provider, options: ResolvedOptions, setup: Setup): Backend {
  return isPool(provider)
    ? createPoolBackend(provider, options, setup)
    : createSingleBackend(provider, options, setup);
}

function createSingleBackend(provider: Provider, options: ResolvedOptions, setup: Setup): Backend {
  const limiter = options.limiter ?? createLimiter(limiterOptions(options, options));
  const account = createAccount(provider, options);
  const attempts = createAttempts(provider, limiter, options, { account, setup });
  return {
    attempts,
    clock: limiter.clock,
    async open(run) {
      await account.paidBefore(run.paidBefore);
      attempts.answers = createAnswers(run, provider, account, options.reuse);
    },
    progress: () => ({
      inFlight: limiter.inFlight,
      waiting: limiter.waiting + (account.budget?.waiting ?? 0),
      isOutage: attempts.breaker.isOpen,
      usage: account.usage,
      usageIsEstimated: account.usageIsEstimated,
      cost: account.cost,
      budget: account.budget?.state,
      limits: limiter.limits,
      amendments: [...attempts.amendments],
      members: [],
    }),
  };
}

function createPoolBackend({ members: given }: Pool, options: ResolvedOptions, setup: Setup): Backend {
  if (options.limiter !== undefined || options.limits !== undefined) {
    const option = options.limiter === undefined ? "limits" : "limiter";
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot use the option ${option}: each member of a pool has limits of its own. Give them to the member: pool([{ provider, ${option} }])`,
      { option },
    );
  }
  const budget = budgetOf(options);
  const isOwnBudget = budget !== options.budget;
  const members: Member[] = given.map(
    (member) => new Member(member.name, exchangeOf(member, options, budget), () => turns.changed()),
  );
  const [first] = members;
  if (first === undefined) throw new ParrotError("INVALID_OPTION", "Cannot use a pool without members");
  const { clock } = first.exchange.limiter;
  const turns = new PoolTurns(members, clock, options.maxOutageMs);
  const attempts = new PoolAttempts(turns, setup);
  const accounts = members.map(({ exchange }) => exchange.account);
  return {
    attempts,
    clock,
    async open(run) {
      if (budget !== undefined && isOwnBudget) await bookPaid(budget, run.paidBefore);
      for (const member of members) {
        const { provider, account } = member.exchange;
        member.answers = createAnswers(run, provider, account, options.reuse);
      }
    },
    progress() {
      const shown = members.map((member) => member.progress());
      const costs = accounts.map(({ cost, usage }) => (usage.requests === 0 ? 0 : cost));
      return {
        inFlight: shown.reduce((sum, { inFlight }) => sum + inFlight, 0),
        waiting: turns.waiting + (budget?.waiting ?? 0),
        isOutage: turns.isDown,
        usage: accounts.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE),
        usageIsEstimated: accounts.some(({ usageIsEstimated }) => usageIsEstimated),
        cost: sumOf(costs),
        budget: budget?.state,
        limits: shown.flatMap(({ limits }) => limits),
        amendments: [...new Set(shown.flatMap(({ amendments }) => amendments))],
        members: shown,
      };
    },
  };
}

function exchangeOf(
  { provider, limits, limiter, price }: PoolMember,
  options: ResolvedOptions,
  budget: ReturnType<typeof budgetOf>,
): Exchange {
  const own: ResolvedOptions = {
    ...options,
    ...(price === undefined ? {} : { price }),
    ...(budget === undefined ? {} : { budget }),
  };
  const account = createAccount(provider, own);
  return new Exchange(provider, limiter ?? createLimiter(limiterOptions({ limits }, options)), account, own);
}

/** `undefined` where one of them is not known. */
function sumOf(costs: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const cost of costs) {
    if (cost === undefined) return undefined;
    sum += cost;
  }
  return sum;
}

function limiterOptions(
  { limits }: { readonly limits?: ResolvedOptions["limits"] | undefined },
  { concurrency }: ResolvedOptions,
): LimiterOptions {
  return { ...(limits === undefined ? {} : { limits }), maxConcurrency: concurrency };
}
