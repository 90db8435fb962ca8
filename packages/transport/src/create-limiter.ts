import {
  createLimiter as createCheckedLimiter,
  type Limiter,
  type LimiterOptions,
} from "@parallel-parrot/limiter";
import { checkLimiterOptions } from "./option-checks.ts";

/**
 * Makes a limiter that several pipelines may share; see `createLimiter` of `@parallel-parrot/limiter`, whose errors
 * are those of any program.
 *
 * @throws ParrotError `INVALID_OPTION` that names the option
 */
export function createLimiter(options: LimiterOptions = {}): Limiter {
  checkLimiterOptions(options);
  return createCheckedLimiter(options);
}
