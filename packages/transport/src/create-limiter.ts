import {
  aFunction,
  checkOptions,
  expecting,
  oneOf,
  wholeNumber,
  type OptionChecks,
} from "@parallel-parrot/core";
import {
  createLimiter as createCheckedLimiter,
  type Limiter,
  type LimiterOptions,
} from "@parallel-parrot/limiter";
import { hasFunctions, rateLimits } from "./option-checks.ts";

const OPTIONS: OptionChecks<LimiterOptions> = {
  limits: rateLimits,
  source: expecting("a source of limits", (value) => hasFunctions(value, "lease")),
  maxConcurrency: wholeNumber(1),
  startConcurrency: wholeNumber(1),
  latencySignal: oneOf(true, false),
  clock: expecting("a clock", (value) => hasFunctions(value, "now", "after")),
  random: aFunction,
};

/**
 * Makes a limiter that several pipelines may share; see `createLimiter` of `@parallel-parrot/limiter`. This one throws
 * a ParrotError where an option is wrong.
 *
 * @throws ParrotError `INVALID_OPTION` that names the option
 */
export function createLimiter(options: LimiterOptions = {}): Limiter {
  checkOptions<LimiterOptions>("createLimiter", options, OPTIONS);
  return createCheckedLimiter(options);
}
