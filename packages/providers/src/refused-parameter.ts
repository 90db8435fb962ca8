import type { Amendment } from "./provider.ts";

/** A parameter that a request can do without, by the names that servers call it. */
export interface Omittable {
  readonly amendment: Amendment;
  readonly names: readonly string[];
}

const REFUSAL =
  /unsupported|not supported|n[o']t support|does not support|not allowed|unknown|unrecognized|unexpected|deprecated|extra inputs|extraneous|not permitted|not enabled|not available|cannot both|may only be set|supported range|too many states|too complex|invalid schema/i;

/**
 * The first of `parameters` that an error message refuses, as amendment. Only where the message says so and names
 * the parameter in quotes, as a field or as a parameter: it may echo words of the prompt.
 */
export function refusedParameter(
  message: string,
  parameters: readonly Omittable[],
  amendments: ReadonlySet<Amendment>,
): Amendment | undefined {
  if (!isRefusal(message)) return undefined;
  const refused = parameters.filter(({ names }) => names.some((name) => isNamed(name, message)));
  return refused.map(({ amendment }) => amendment).find((amendment) => !amendments.has(amendment));
}

/** Whether a message says that something is not taken at all, rather than that a value is wrong. */
export function isRefusal(message: string): boolean {
  return REFUSAL.test(message);
}

/** Whether a message names a field: quoted, before a colon, at the end of a path of fields, or as a parameter. */
export function isNamed(name: string, message: string): boolean {
  return [
    new RegExp(`["'\`“[]${name}["'\`”\\].]`),
    new RegExp(`(?:^|\\s)${name}(?:\\.\\w+)*:`),
    new RegExp(`\\w\\.${name}\\b`),
    new RegExp(`\\b(?:parameter|argument|field)s?:? ${name}\\b`, "i"),
    new RegExp(`\\b${name} (?:parameter|argument|field|value)\\b`, "i"),
  ].some((form) => form.test(message));
}
