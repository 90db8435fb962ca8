import type { SimMessage } from "./dialect.ts";

/** Characters that count as one token. */
const CHARS_PER_TOKEN = 4;

/** The simulator's count of the tokens in a text: one for every four characters. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / CHARS_PER_TOKEN);
}

/** The tokens of a prompt: its texts, and what each message and the reply's start add. */
export function countPromptTokens(messages: readonly SimMessage[]): number {
  let tokens = 3;
  for (const { parts } of messages) {
    tokens += 4;
    for (const part of parts) tokens += countTokens(part);
  }
  return tokens;
}

/** The first `tokens` tokens of a text, never half a surrogate pair. */
export function cutToTokens(text: string, tokens: number): string {
  const end = tokens * CHARS_PER_TOKEN;
  if (text.length <= end) return text;
  const cut = text.slice(0, end);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
