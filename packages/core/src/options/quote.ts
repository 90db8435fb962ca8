const MAX_NAME_LENGTH = 60;
const MAX_NAMES = 10;

/** Cuts a text for a message. */
export function clip(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength)}…`;
}

/** A name for a message: quoted, cut, control characters escaped. */
export function quote(name: string): string {
  return JSON.stringify(clip(name, MAX_NAME_LENGTH));
}

/** Names for a message, shortened when there are many. */
export function quoteAll(names: readonly string[]): string {
  if (names.length === 0) return "(none)";
  const shown = names.slice(0, MAX_NAMES).map(quote).join(", ");
  return names.length <= MAX_NAMES ? shown : `${shown} and ${names.length - MAX_NAMES} more`;
}
