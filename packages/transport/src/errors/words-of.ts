import type { Rejection } from "@parallel-parrot/providers";

/** What a server says is in the beginning. A longer message mostly repeats the prompt. */
const MAX_MESSAGE = 300;

/**
 * The code, the status and the words of a refusal, without what differs from row to row: what is in quotes, which may
 * be the row's, numbers and identifiers.
 */
export function wordsOf({ code, message }: Pick<Rejection, "code" | "message">): string {
  const status = /^HTTP \d+/.exec(message)?.[0] ?? "";
  const words = message
    .slice(status.length)
    .replaceAll(/(?<!\w)(["'`“]).{0,1000}?["'`”](?!\w)/gs, "")
    .replaceAll(/\S+/g, (word) => (/\d/.test(word) ? "#" : word))
    .slice(0, MAX_MESSAGE);
  return `${code} ${status}${words.toLowerCase()}`;
}
