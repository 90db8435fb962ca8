import { addUsage, NO_USAGE, ParrotError } from "@parallel-parrot/core";
import { bookPaid, budgetOf, createAccount } from "../budget/spend-tracker.ts";
import { createAnswers } from "../request/answers.ts";
import type { Backend } from "./backend.ts";
import type { Budget } from "../budget/budget.ts";
import { Exchange } from "../request/endpoint.ts";
import { limiterOf } from "./limiter-of.ts";
import { Member } from "./member.ts";
import { MemberHealth } from "./member-health.ts";
import type { ResolvedOptions } from "../options.ts";
import type { Pool, PoolMember } from "./pool.ts";
import { PoolAnswers } from "./pool-answers.ts";
import { PoolAttempts } from "./pool-attempts.ts";
import { PoolChecks } from "./pool-checks.ts";
import { PoolOutage } from "./pool-outage.ts";
import { PoolTurns } from "./pool-turns.ts";
import { RowFailures } from "./row-failures.ts";
import type { Setup } from "./canary.ts";
import { Slots } from "../waiting/semaphore.ts";

/** @throws ParrotError `INVALID_OPTION` */
export function createPoolBackend({ members: given }: Pool, options: ResolvedOptions, setup: Setup): Backend {
  refuseLimitsOfAll(options);
  const budget = budgetOf(options);
  const isOwnBudget = budget !== options.budget;
  const exchanges = given.map((member) => ({
    name: member.name,
    exchange: exchangeOf(member, options, budget),
  }));
  const clock = exchanges[0]?.exchange.limiter.clock;
  if (clock === undefined) throw new ParrotError("INVALID_OPTION", "Cannot use a pool without members");
  const changed = (change?: { readonly wasAway: boolean }): void => {
    outage.changed(change);
    turns.lines.changed();
  };
  const { maxOutageMs } = options;
  const members = exchanges.map(
    ({ name, exchange }) => new Member(name, exchange, new MemberHealth({ clock, maxOutageMs, changed })),
  );
  const outage = new PoolOutage(members, clock);
  const checks = new PoolChecks(members, clock);
  const failures = new RowFailures(clock, checks);
  const turns = new PoolTurns({ members, clock, budget, checks, outage, failures });
  const answers = new PoolAnswers(members);
  const slots = new Slots(options.concurrency);
  const accounts = members.map(({ exchange }) => exchange.account);
  return {
    attempts: new PoolAttempts({ members, turns, outage, failures, answers, setup, slots }),
    clock,
    async open(run) {
      if (budget !== undefined && isOwnBudget) await bookPaid(budget, run.paidBefore);
      for (const member of members) {
        const { provider, account } = member.exchange;
        member.answers = createAnswers(run, provider, account, options);
      }
    },
    close: () => checks.close(),
    progress() {
      const shown = members.map((member) => member.progress());
      return {
        inFlight: shown.reduce((sum, { inFlight }) => sum + inFlight, 0),
        waiting: turns.lines.length + slots.waiting,
        isOutage: outage.isDown,
        usage: accounts.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE),
        usageIsEstimated: accounts.some(({ usageIsEstimated }) => usageIsEstimated),
        cost: sumOf(accounts.map(({ cost, usage }) => (usage.requests === 0 ? 0 : cost))),
        budget: budget?.state,
        limits: shown.flatMap(({ limits }) => limits),
        amendments: [...new Set(shown.flatMap(({ amendments }) => amendments))],
        members: shown,
      };
    },
  };
}

function refuseLimitsOfAll({ limiter, limits }: ResolvedOptions): void {
  if (limiter === undefined && limits === undefined) return;
  const option = limiter === undefined ? "limits" : "limiter";
  throw new ParrotError(
    "INVALID_OPTION",
    `Cannot use the option ${option}: each member of a pool has limits of its own. Give them to the member: pool([{ provider, ${option} }])`,
    { option },
  );
}

function exchangeOf(
  { provider, limits, limiter, price }: PoolMember,
  options: ResolvedOptions,
  budget: Budget | undefined,
): Exchange {
  const own: ResolvedOptions = {
    ...options,
    ...(price === undefined ? {} : { price }),
    ...(budget === undefined ? {} : { budget }),
  };
  const account = createAccount(provider, own);
  return new Exchange(provider, limiter ?? limiterOf(limits, options), account, own);
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
