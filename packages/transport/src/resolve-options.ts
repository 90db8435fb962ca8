import { checkOptions, pickOptions } from "@parallel-parrot/core";
import { requireGroups } from "./group/require-groups.ts";
import type { Provider } from "@parallel-parrot/providers";
import { EventPublisher } from "./events/event-publisher.ts";
import { COMPLETION_OPTIONS } from "./option-checks.ts";
import type { CompletionOptions, DefaultedOption, ResolvedOptions } from "./options.ts";

const DEFAULTS: Required<Pick<CompletionOptions, DefaultedOption>> = {
  n: 1,
  order: "input",
  maxAttempts: 10,
  maxReasks: 2,
  maxWaitMs: 3_600_000,
  maxOutageMs: 900_000,
  maxSameRefusals: 20,
  maxResponseBytes: 32 * 2 ** 20,
  onStop: "error",
  onContext: "fail",
  reuse: "all",
  askEqualOnce: false,
  rowsPerRequest: 1,
};

/** Fills in defaults. @throws ParrotError `INVALID_OPTION` that names the option */
export function resolveOptions(provider: Provider, options: CompletionOptions): ResolvedOptions {
  checkOptions("completionStream", options, COMPLETION_OPTIONS);
  const events = new EventPublisher(provider, options.onEvent);
  const resolved = { ...DEFAULTS, ...pickOptions(options, COMPLETION_OPTIONS), events };
  requireGroups(resolved);
  return resolved;
}
