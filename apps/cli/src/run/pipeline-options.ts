import type { Row } from "@parallel-parrot/core";
import type { BudgetLimits } from "@parallel-parrot/transport";
import type { PipelineOptions } from "parallel-parrot";
import type { RunOptions } from "../flags/run-options.ts";

type Options = PipelineOptions<Row, Row>;

/** What the options of the command line say to `pipeline`. A run that is stopped closes, and tells why at its end. */
export function pipelineOptions(options: RunOptions): Options {
  const { onCollision, onEmpty, lineage, onFailure, maxFailures } = options;
  return {
    ...askingOptions(options),
    collision: onCollision,
    empty: onEmpty,
    lineage,
    onFailure: onFailure === "stop" ? "throw" : onFailure,
    ...(maxFailures === undefined ? {} : { maxFailures }),
    onStop: "close",
  };
}

/** Of them, those that say how rows are asked and not what becomes of them. */
export function askingOptions(options: RunOptions): Options {
  const { provider, prompt, wanted } = options;
  const { rpm, tpm, timeout, maxOutage, maxCost, maxTotalTokens, maxRequests } = options;
  const given: Given<Omit<Options, "provider" | "prompt" | "output">> = {
    n: options.n,
    temperature: options.temperature,
    topP: options.topP,
    maxTokens: options.maxTokens,
    seed: options.seed,
    stop: options.stop,
    reasoningEffort: options.reasoningEffort,
    askEqualOnce: options.askEqualOnce,
    onContext: options.onContext,
    imageFolder: options.imageFolder,
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
  return { provider, prompt, output: wanted, ...withoutUndefined(given) };
}

type Given<T> = { readonly [K in keyof T]?: T[K] | undefined };
type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** The same options without those that are `undefined`. */
export function withoutUndefined<T extends object>(given: T): Present<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Present<T>;
}

function budgetOf(limits: Given<BudgetLimits>): BudgetLimits | undefined {
  const given = withoutUndefined(limits);
  return Object.keys(given).length === 0 ? undefined : given;
}
