import {
  aText,
  checkArgument,
  checkOptions,
  expecting,
  isObject,
  optionsOf,
  ParrotError,
  type OptionCheck,
} from "@parallel-parrot/core";
import type { Limiter, RateLimits } from "@parallel-parrot/limiter";
import type { Price, Provider } from "@parallel-parrot/providers";
import { aLimiter, aPrice, aProvider, rateLimits } from "../../option-checks.ts";

/** One key, deployment or provider of a pool, with what is known of it alone. */
export interface PoolMember {
  readonly provider: Provider;
  /** What progress and messages call it. @default the provider's name and its place, such as `openai 2` */
  readonly name?: string;
  /** Rate limits you know. @default learned from responses */
  readonly limits?: RateLimits;
  /** A limiter shared with other pipelines; then `limits` is not used. */
  readonly limiter?: Limiter;
  /** What tokens cost here. @default the run's `price`, then the provider's */
  readonly price?: Price;
}

/** Several providers as one; see {@linkcode pool}. */
export interface Pool extends Provider {
  readonly members: readonly (PoolMember & { readonly name: string })[];
}

/** Options of {@linkcode pool}. */
export interface PoolOptions {
  /** For messages and records. @default "pool" */
  readonly name?: string;
}

/**
 * Several keys, deployments or providers as one for `completionStream`. Each request goes to the member with most
 * room; one that is out of credit, refuses its key or is away steps aside, and the others take over.
 *
 * @throws ParrotError `INVALID_OPTION` where there is no member, or two have one name
 */
export function pool(members: readonly (Provider | PoolMember)[], options: PoolOptions = {}): Pool {
  checkPool(members, options);
  const { name = "pool" } = options;
  const named = members.map((member, position) => {
    const each: PoolMember = "provider" in member ? member : { provider: member };
    return { ...each, name: each.name ?? `${each.provider.name} ${position + 1}` };
  });
  const [first] = named;
  if (first === undefined) throw invalid("expected at least one provider, got none");
  const names = named.map((member) => member.name);
  const twice = names.find((one, position) => names.indexOf(one) !== position);
  if (twice !== undefined) throw invalid(`two of them have the name ${JSON.stringify(twice)}`);
  for (const member of named) {
    if (isPool(member.provider))
      throw invalid(
        "one of them is a pool itself. Put its members into one: pool([...one.members, another])",
      );
  }
  const { provider } = first;
  return {
    // To whoever knows no pools, it is its first member.
    ...provider,
    name,
    model: [...new Set(named.map((member) => member.provider.model))].join(", "),
    capabilities: {
      ...provider.capabilities,
      nativeN: named.every((member) => member.provider.capabilities.nativeN),
    },
    members: named,
  };
}

/** Whether a provider is a {@linkcode Pool}. */
export function isPool(provider: Provider): provider is Pool {
  return "members" in provider;
}

function invalid(why: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot make a pool of members: ${why}`, { option: "members" });
}

const poolMember: OptionCheck = optionsOf<PoolMember>({
  provider: aProvider,
  name: aText,
  limits: rateLimits,
  limiter: aLimiter,
  price: aPrice,
});

/** @throws ParrotError `INVALID_OPTION` that names the member and what is wrong with it */
function checkPool(members: unknown, options: unknown): void {
  const aList = expecting("a list of providers", Array.isArray);
  checkArgument("pool", "members", members, aList);
  for (const [position, member] of (members as readonly unknown[]).entries()) {
    const isMember = isObject(member) && "provider" in member;
    checkArgument("pool", `members[${position}]`, member, isMember ? poolMember : aProvider);
  }
  checkOptions<PoolOptions>("pool", options, { name: aText });
}
