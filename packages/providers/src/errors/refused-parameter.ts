import { nextAmendment } from "../amendments.ts";
import type { Amendment } from "../provider.ts";

/** A parameter that a request can leave out, with the names that servers have for it. */
export interface Omittable {
  readonly amendment: Amendment;
  readonly names: readonly string[];
}

const REFUSAL =
  /unsupported|not supported|n[o't]t support|not allowed|unknown|unrecognized|unexpected|deprecated|extra inputs|extraneous|not permitted|not enabled|not available|cannot both|may only be set|supported range|too many states|too complex|invalid schema|conversion failed|failed to parse grammar/i;

/** Whether a message says that a parameter is not accepted at all, rather than that its value is wrong. */
export function isRefusal(message: string): boolean {
  return REFUSAL.test(message);
}

/**
 * The amendment for the first of `parameters` that an error message refuses, for APIs whose errors have no field for
 * it. The message must name the parameter as one or as a field, because it may repeat words of the prompt.
 */
export function refusedParameter(
  message: string,
  parameters: readonly Omittable[],
  amendments: ReadonlySet<Amendment>,
): Amendment | undefined {
  if (!isRefusal(message)) return undefined;
  const refused = parameters.filter(({ names }) => names.some((name) => isNamedOrField(name, message)));
  return nextAmendment(amendments, ...refused.map(({ amendment }) => amendment));
}

/** Whether a message names a parameter: in quotes or brackets, or by calling it a parameter. */
export function isNamed(name: string, message: string): boolean {
  return [
    new RegExp(`["'\`“[]${name}["'\`”\\].]`),
    new RegExp(`\\b(?:parameter|argument|field)s?(?: supplied)?:? ${name}\\b`, "i"),
    new RegExp(`\\b${name} (?:parameter|argument|field|value)\\b`, "i"),
    new RegExp(`\\bnot supported on this model: ${name}\\b`, "i"),
  ].some((form) => form.test(message));
}

/**
 * Like {@linkcode isNamed}, but the name may also stand before a colon or at the end of a path of fields. Not for APIs
 * whose errors have the path in a field: there, a path in the message may come from the conversation.
 */
export function isNamedOrField(name: string, message: string): boolean {
  const isField = new RegExp(`(?:^|\\s)${name}(?:\\.\\w+)*:|\\w\\.${name}\\b`).test(message);
  return isField || isNamed(name, message);
}
