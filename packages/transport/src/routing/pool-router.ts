import { addUsage, NO_USAGE, ParrotError } from "@parallel-parrot/core";
import { bookPaid, budgetOf, createSpendTracker } from "../budget/spend-tracker.ts";
import { createAnswers } from "../request/response-cache.ts";
import type { Backend } from "./create-sender.ts";
import type { Budget } from "../budget/budget.ts";
import { Endpoint } from "../request/endpoint.ts";
import { limiterOf } from "./limiter-of.ts";
import { Member } from "./pool-endpoint.ts";
import { MemberHealth } from "./endpoint-health.ts";
import type { ResolvedOptions } from "../options.ts";
import type { Pool, PoolMember } from "./pool.ts";
import { PoolAnswers } from "./cache-lookup.ts";
import { PoolAttempts } from "./request-sender.ts";
import { PoolChecks } from "./health-checker.ts";
import { PoolOutage } from "./pool-outage.ts";
import { PoolTurns } from "./picker.ts";
import { RowFailures } from "./row-failures.ts";
import type { Canary } from "./canary.ts";
import { Semaphore } from "../waiting/semaphore.ts";

/** @throws ParrotError `INVALID_OPTION` */
export function createPoolBackend(
  { members: given }: Pool,
  options: ResolvedOptions,
  canary: Canary,
): Backend {
  refuseLimitsOfAll(options);
  const budget = budgetOf(options);
  const isOwnBudget = budget !== options.budget;
  const endpoints = given.map((member) => ({
    name: member.name,
    endpoint: endpointOf(member, options, budget),
  }));
  const clock = endpoints[0]?.endpoint.limiter.clock;
  if (clock === undefined) throw new ParrotError("INVALID_OPTION", "Cannot use a pool without members");
  const changed = (change?: { readonly wasAway: boolean }): void => {
    outage.changed(change);
    turns.lines.changed();
  };
  const { maxOutageMs } = options;
  const members = endpoints.map(
    ({ name, endpoint }) => new Member(name, endpoint, new MemberHealth({ clock, maxOutageMs, changed })),
  );
  const outage = new PoolOutage(members, clock);
  const checks = new PoolChecks(members, clock);
  const failures = new RowFailures({ members, clock, checks });
  const turns = new PoolTurns({ members, clock, budget, checks, outage, failures });
  const answers = new PoolAnswers(members);
  const semaphore = new Semaphore(options.concurrency);
  const spendTrackers = members.map(({ endpoint }) => endpoint.spendTracker);
  return {
    attempts: new PoolAttempts({ members, turns, outage, failures, answers, canary, semaphore }),
    clock,
    async open(run) {
      if (budget !== undefined && isOwnBudget) await bookPaid(budget, run.paidBefore);
      for (const member of members) {
        const { provider, spendTracker } = member.endpoint;
        member.answers = createAnswers(run, provider, spendTracker, options);
      }
    },
    close: () => checks.close(),
    progress() {
      const shown = members.map((member) => member.progress());
      return {
        inFlight: shown.reduce((sum, { inFlight }) => sum + inFlight, 0),
        waiting: turns.lines.length + semaphore.waiting,
        isOutage: outage.isDown,
        usage: spendTrackers.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE),
        usageIsEstimated: spendTrackers.some(({ usageIsEstimated }) => usageIsEstimated),
        cost: sumOf(spendTrackers.map(({ cost, usage }) => (usage.requests === 0 ? 0 : cost))),
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

function endpointOf(
  { provider, limits, limiter, price }: PoolMember,
  options: ResolvedOptions,
  budget: Budget | undefined,
): Endpoint {
  const own: ResolvedOptions = {
    ...options,
    ...(price === undefined ? {} : { price }),
    ...(budget === undefined ? {} : { budget }),
  };
  const spendTracker = createSpendTracker(provider, own);
  return new Endpoint(provider, limiter ?? limiterOf(limits, options), spendTracker, own);
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
