import type { Amendment } from "./provider.ts";

/** Ask for a schema without its bounds, which the API need not enforce. */
export const LOOSE_SCHEMA: Amendment = "json:loose";
/** Ask for JSON by a tool that the model must call. */
export const JSON_TOOL: Amendment = "json:tool";
/** Ask for any JSON object. */
export const JSON_OBJECT: Amendment = "json:object";
/** Ask for JSON in the words of the prompt alone. */
export const JSON_WORDS: Amendment = "json:instructions";

/** Send system messages as the developer's. */
export const AS_DEVELOPER: Amendment = "system:developer";
/** Put system messages before the user's first message. */
export const AS_USER: Amendment = "system:user";

/** Whether a parameter was refused and is left out, such as `temperature`. */
export function omits(amendments: ReadonlySet<Amendment>, parameter: string): boolean {
  return amendments.has(`omit:${parameter}`);
}

/** The first of these steps that has not been taken; `undefined` where all have. */
export function nextAmendment(
  amendments: ReadonlySet<Amendment>,
  ...steps: readonly Amendment[]
): Amendment | undefined {
  return steps.find((step) => !amendments.has(step));
}

/** A limit of output tokens no higher than what the model was found to allow: `max_tokens:4096`. */
export function cappedTokens(wanted: number, amendments: ReadonlySet<Amendment>): number {
  const caps = [...amendments].map((each) => Number(/^max_tokens:(\d+)$/.exec(each)?.[1] ?? Infinity));
  return Math.min(wanted, ...caps);
}
