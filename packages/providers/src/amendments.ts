import type { Fields } from "./json-fields.ts";
import type { Amendment } from "./provider.ts";

/** Asks for a schema without its bounds, which the API does not have to enforce. */
export const LOOSE_SCHEMA: Amendment = "json:loose";
/** Asks for JSON by a tool that the model must call. */
export const JSON_TOOL: Amendment = "json:tool";
/** Asks for any JSON object. */
export const JSON_OBJECT: Amendment = "json:object";
/** Asks for JSON in the words of the prompt alone. */
export const JSON_WORDS: Amendment = "json:instructions";

/** Sends system messages with the role of the developer. */
export const AS_DEVELOPER: Amendment = "system:developer";
/** Puts the system message before the text of the user's first message. */
export const AS_USER: Amendment = "system:user";

/** Marks nothing for the prompt cache. */
export const NO_MARKS: Amendment = "omit:prompt_cache";

/** Asks for the answer as a stream. */
export const AS_STREAM: Amendment = "stream:on";
/** Asks for the answer in one piece, also if a stream is wanted. */
export const IN_ONE_PIECE: Amendment = "stream:off";

/** Whether the answer is asked for as a stream. */
export function isStreamed(amendments: ReadonlySet<Amendment>): boolean {
  return amendments.has(AS_STREAM) && !amendments.has(IN_ONE_PIECE);
}

/** Whether a parameter was refused and is left out, such as `temperature`. */
export function omits(amendments: ReadonlySet<Amendment>, parameter: string): boolean {
  return amendments.has(`omit:${parameter}`);
}

/** The parameters that are set and were not refused, by the names that the API has for them. */
export function keptFields(amendments: ReadonlySet<Amendment>, fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => value !== undefined && !omits(amendments, name)),
  );
}

/** The first of these amendments that the request does not have yet; `undefined` if it has them all. */
export function nextAmendment(
  amendments: ReadonlySet<Amendment>,
  ...steps: readonly Amendment[]
): Amendment | undefined {
  return steps.find((step) => !amendments.has(step));
}

/** The wanted limit of output tokens, or the model's own where an amendment such as `max_tokens:4096` names it. */
export function cappedTokens(wanted: number, amendments: ReadonlySet<Amendment>): number {
  const caps = [...amendments].map((each) => Number(/^max_tokens:(\d+)$/.exec(each)?.[1] ?? Infinity));
  return Math.min(wanted, ...caps);
}
