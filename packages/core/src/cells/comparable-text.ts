const QUOTES = "\"'“”„‘’‚«»`*";
const BEFORE: ReadonlySet<string> = new Set(` ${QUOTES}`);
const BEHIND: ReadonlySet<string> = new Set(` ${QUOTES}.,;:!?。！？`);

/**
 * A text without what differs between two ways of writing the same short answer: case, white space, quotes and stars
 * around it, and the mark that ends a sentence. What may be a part of an answer stays: `-5`, `C#`, `5%`.
 */
export function comparableText(text: string): string {
  const plain = text.normalize("NFKC").toLowerCase().replaceAll(/\s+/gu, " ");
  // A regular expression for the end would take the square of the time where such characters are many.
  let [start, end] = [0, plain.length];
  while (start < end && BEFORE.has(plain[start] ?? "")) start += 1;
  while (end > start && BEHIND.has(plain[end - 1] ?? "")) end -= 1;
  return start === end ? text : plain.slice(start, end);
}
