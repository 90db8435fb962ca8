import { stringifyJson } from "@parallel-parrot/core";

/** Most characters that are shown of a text which may come from a stranger. */
const MAX_SHOWN = 300;

/** A value of any type as a short text to show. */
export function nameOf(value: unknown): string {
  const text = typeof value === "string" ? value : (stringifyJson(value) ?? "");
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
