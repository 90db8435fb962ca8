import type { SimMessage } from "./dialect.ts";

/** The number of characters that count as one token. */
const CHARS_PER_TOKEN = 4;

/** The tokens of an image of any size. */
const TOKENS_PER_IMAGE = 256;

/** Counts the tokens of a text as the simulator does: one for every four characters. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / CHARS_PER_TOKEN);
}

/** Counts the tokens of a prompt: those of its texts, its images and its template. */
export function countPromptTokens(messages: readonly SimMessage[]): number {
  let tokens = countTemplateTokens(messages);
  for (const { parts, images } of messages) {
    for (const part of parts) tokens += countTokens(part);
    if (images !== undefined) tokens += images.length * TOKENS_PER_IMAGE;
  }
  return tokens;
}

/** Counts the tokens of the template: those that surround each message and begin the reply. */
export function countTemplateTokens(messages: readonly SimMessage[]): number {
  return 3 + 4 * messages.length;
}

/** Cuts a text after so many tokens, and never within a surrogate pair. */
export function cutToTokens(text: string, tokens: number): string {
  const end = tokens * CHARS_PER_TOKEN;
  if (text.length <= end) return text;
  const cut = text.slice(0, end);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
