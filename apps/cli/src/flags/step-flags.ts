import type { FlagGroup } from "./flag-group.ts";
import type { JobFlag } from "./flag.ts";

/** The groups of which every option may be a step's own. */
const GROUPS: ReadonlySet<FlagGroup | undefined> = new Set<FlagGroup>([
  "Whom to ask, and what",
  "Column of the answers (text)",
  "Values to ask for (columns, data)",
]);

/** Options of these groups that are of the whole job, and of other groups that may be a step's own. */
const OF_WHOLE: ReadonlySet<string> = new Set(["compare", "compareAs", "dotenv", "header"]);
const OF_STEP: ReadonlySet<string> = new Set([
  "when",
  "onCollision",
  "onEmpty",
  "onFailure",
  "price",
  "priceOf",
  "promptCache",
  "timeout",
  "rowTimeout",
]);

/** Options that say what one step does, so that they are no default for the others. */
const OF_STEP_ALONE: ReadonlySet<string> = new Set([
  "prompt",
  "promptFile",
  "when",
  "outputKey",
  "keys",
  "schema",
  "single",
]);

/** Whether an option of a job may be a step's own, where the job has steps. */
export function isOfStep(name: string, { group, isAuthority }: JobFlag<unknown>): boolean {
  if (isAuthority || OF_WHOLE.has(name)) return false;
  return GROUPS.has(group) || OF_STEP.has(name);
}

/** Whether an option of a job with steps has to stand in a step, and is no default for all of them. */
export function isOfStepAlone(name: string): boolean {
  return OF_STEP_ALONE.has(name);
}
