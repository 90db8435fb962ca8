/**
 * What messages of failures have in common that differ only in numbers, names in quotes and ids. Rows that failed for one
 * reason are one group by it.
 */
export function failureKind(message: string): string {
  return message
    .slice(0, MOST_CHARACTERS)
    .replaceAll(/"(?:[^"\\]|\\.)*"?|`[^`]*`?/g, "…")
    .replaceAll(/[\w-]{8,}/g, (word) => (/\d/.test(word) ? "…" : word))
    .replaceAll(/\d+(?:[.,]\d+)*/g, "#");
}

const MOST_CHARACTERS = 300;
