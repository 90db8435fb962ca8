import type { SimMessage } from "./dialect.ts";

/** Characters that count as one token. */
const CHARS_PER_TOKEN = 4;

/** What an image counts, whatever its size. */
const TOKENS_PER_IMAGE = 256;

/** The simulator's count of the tokens in a text: one for every four characters. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / CHARS_PER_TOKEN);
}

/** The tokens of a prompt: its texts and images, and what each message and the reply's start add. */
export function countPromptTokens(messages: readonly SimMessage[]): number {
  let tokens = countTemplateTokens(messages);
  for (const { parts, images } of messages) {
    for (const part of parts) tokens += countTokens(part);
    if (images !== undefined) tokens += images.length * TOKENS_PER_IMAGE;
  }
  return tokens;
}

/** What each message and the reply's start add to the tokens of their content. */
export function countTemplateTokens(messages: readonly SimMessage[]): number {
  return 3 + 4 * messages.length;
}

/** The first `tokens` tokens of a text, never half a surrogate pair. */
export function cutToTokens(text: string, tokens: number): string {
  const end = tokens * CHARS_PER_TOKEN;
  if (text.length <= end) return text;
  const cut = text.slice(0, end);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
