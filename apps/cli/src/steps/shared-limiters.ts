import { createLimiter, type Limiter } from "@parallel-parrot/transport";
import { pipelinePart } from "../flags/pipeline-part.ts";
import type { RunOptions } from "../job/run-options.ts";

/**
 * Gives the steps that ask one model one limiter: they keep its rate limits together, and what one of them learns of these
 * the others know. `undefined` for a step that asks a model which no other asks.
 */
export function sharedLimiters(steps: readonly RunOptions[]): readonly (Limiter | undefined)[] {
  const models = steps.map(({ provider: { name, baseUrl, model } }) =>
    JSON.stringify([name, baseUrl, model]),
  );
  const limiters = new Map<string, Limiter>();
  return steps.map((step, place) => {
    const model = models[place] ?? "";
    const isShared = models.filter((each) => each === model).length > 1;
    if (!isShared || step.provider.send !== undefined) return undefined;
    const limiter = limiters.get(model) ?? limiterOf(step);
    limiters.set(model, limiter);
    return limiter;
  });
}

function limiterOf(step: RunOptions): Limiter {
  const { limits, concurrency } = pipelinePart(step);
  return createLimiter({
    ...(limits === undefined ? {} : { limits }),
    ...(concurrency === undefined ? {} : { maxConcurrency: concurrency }),
  });
}
