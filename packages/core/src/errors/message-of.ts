const MAX_LENGTH = 300;

/** What was thrown, for a message: one line, shortened. Anything can be thrown, and be read. */
export function messageOf(error: unknown): string {
  const text = textOf(error).toWellFormed();
  const line = text.slice(0, MAX_LENGTH).replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ");
  return text.length > MAX_LENGTH ? `${line}…` : line;
}

function textOf(error: unknown): string {
  try {
    if (error instanceof Error) return error.message === "" ? error.name : error.message;
    return typeof error === "string" ? error : String(error);
  } catch {
    return "a value that cannot be shown as text";
  }
}
