/** Longest text of a stranger that is shown. */
const MAX_SHOWN = 300;

/** A value to show, of any kind and length. */
export function nameOf(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
