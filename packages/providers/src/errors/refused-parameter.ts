import { nextAmendment } from "../amendments.ts";
import type { Amendment } from "../provider.ts";

/** A parameter that a request can do without, by the names that servers call it. */
export interface Omittable {
  readonly amendment: Amendment;
  readonly names: readonly string[];
}

const REFUSAL =
  /unsupported|not supported|n[o't]t support|not allowed|unknown|unrecognized|unexpected|deprecated|extra inputs|extraneous|not permitted|not enabled|not available|cannot both|may only be set|supported range|too many states|too complex|invalid schema|conversion failed|failed to parse grammar/i;

/** Whether a message says that something is not taken at all, rather than that a value is wrong. */
export function isRefusal(message: string): boolean {
  return REFUSAL.test(message);
}

/**
 * The first of `parameters` that an error message refuses, as amendment: for APIs that say it in the message alone.
 * Only where the message names the parameter, as a word or as a field: it may echo words of the prompt.
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

/** Whether a message names a parameter: in quotes or brackets, or by calling it one. */
export function isNamed(name: string, message: string): boolean {
  return [
    new RegExp(`["'\`“[]${name}["'\`”\\].]`),
    new RegExp(`\\b(?:parameter|argument|field)s?(?: supplied)?:? ${name}\\b`, "i"),
    new RegExp(`\\b${name} (?:parameter|argument|field|value)\\b`, "i"),
    new RegExp(`\\bnot supported on this model: ${name}\\b`, "i"),
  ].some((form) => form.test(message));
}

/**
 * {@linkcode isNamed}, or as a field: before a colon, or at the end of a path of fields. Where an error has the path
 * in a field of its own, that is the one to read: in the message, it may be one of the conversation.
 */
export function isNamedOrField(name: string, message: string): boolean {
  const isField = new RegExp(`(?:^|\\s)${name}(?:\\.\\w+)*:|\\w\\.${name}\\b`).test(message);
  return isField || isNamed(name, message);
}
