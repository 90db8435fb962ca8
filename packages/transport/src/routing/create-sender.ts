import { ParrotError } from "@parallel-parrot/core";
import type { Provider } from "@parallel-parrot/providers";
import type { Budget } from "../budget/budget.ts";
import { budgetOf, createSpendTracker } from "../budget/spend-tracker.ts";
import { MAX_CONCURRENCY, type ResolvedOptions } from "../options.ts";
import { Endpoint, type EndpointOptions } from "../request/endpoint.ts";
import type { Canary } from "./canary.ts";
import { limiterOf } from "./limiter-of.ts";
import { isPool, type PoolMember } from "./pool/pool.ts";
import { PoolRouter } from "./pool/pool-router.ts";
import { RequestSender } from "./request-sender.ts";
import { SingleRouter } from "./single/single-router.ts";

/**
 * Makes the sender of one run: to one endpoint or, where the provider is a pool, to several.
 *
 * @throws ParrotError `INVALID_OPTION`
 */
export function createSender(provider: Provider, options: ResolvedOptions, canary: Canary): RequestSender {
  const budget = budgetOf(options);
  const { concurrency = MAX_CONCURRENCY, maxOutageMs, maxWaitMs } = options;
  requireMarks(provider, options);
  if (!isPool(provider)) {
    const endpoint = new Endpoint(endpointOptions({ ...options, provider }, options, budget));
    const router = new SingleRouter(endpoint, options);
    return new RequestSender({ router, canary, clock: endpoint.limiter.clock, budget, options });
  }
  refuseLimitsOfAll(options);
  const members = provider.members.map((member) => ({
    ...endpointOptions(member, options, budget),
    name: member.name,
  }));
  const clock = members[0]?.limiter.clock;
  if (clock === undefined) throw new ParrotError("INVALID_OPTION", "Cannot use a pool without members");
  const router = new PoolRouter({
    members,
    clock,
    budget,
    concurrency,
    maxOutageMs,
    maxWaitMs,
    events: options.events,
  });
  return new RequestSender({ router, canary, clock, budget, options });
}

function endpointOptions(
  { provider, limits, limiter, price }: Omit<PoolMember, "name">,
  options: ResolvedOptions,
  budget: Budget | undefined,
): EndpointOptions {
  const own: ResolvedOptions = {
    ...options,
    ...(price === undefined ? {} : { price }),
    ...(budget === undefined ? {} : { budget }),
  };
  return {
    provider,
    limiter: limiter ?? limiterOf(provider, limits, options),
    spendTracker: createSpendTracker(provider, own),
    options,
  };
}

function requireMarks(provider: Provider, { promptCache }: ResolvedOptions): void {
  const asked = isPool(provider) ? provider.members.map((member) => member.provider) : [provider];
  if (promptCache !== true || asked.some((each) => each.promptCache?.by === "marks")) return;
  const { name, model } = provider;
  throw new ParrotError(
    "INVALID_OPTION",
    `Cannot mark prompts for a prompt cache: ${name} takes no marks for the model ${model}, and keeps what prompts share by itself or not at all. Leave promptCache out`,
    { option: "promptCache" },
  );
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
