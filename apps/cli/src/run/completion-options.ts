import type { BudgetLimits, CompletionOptions } from "@parallel-parrot/transport";
import type { RunOptions } from "../flags/run-options.ts";

/** What the options of the command line say to `completionStream`. */
export function completionOptions(options: RunOptions): CompletionOptions {
  const { rpm, tpm, timeout, maxOutage, maxCost, maxTotalTokens, maxRequests } = options;
  const given: { -readonly [K in keyof CompletionOptions]: CompletionOptions[K] | undefined } = {
    n: options.n,
    temperature: options.temperature,
    topP: options.topP,
    maxTokens: options.maxTokens,
    seed: options.seed,
    stop: options.stop,
    reasoningEffort: options.reasoningEffort,
    askEqualOnce: options.askEqualOnce,
    onContext: options.onContext,
    concurrency: options.concurrency,
    maxAttempts: options.maxAttempts,
    order: options.order,
    attemptTimeoutMs: timeout * 1000,
    maxOutageMs: maxOutage * 1000,
    price: options.price,
    budget: budgetOf({ maxCost, maxTokens: maxTotalTokens, maxRequests }),
    limits: {
      ...(rpm === undefined ? {} : { requestsPerMinute: rpm }),
      ...(tpm === undefined ? {} : { tokensPerMinute: tpm }),
    },
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

type Given<T> = { readonly [K in keyof T]: T[K] | undefined };

function budgetOf(limits: Given<Required<BudgetLimits>>): BudgetLimits | undefined {
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}
