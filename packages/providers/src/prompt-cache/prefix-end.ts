import type { Message, Prompt } from "@parallel-parrot/core";

/** Where a mark goes: within the text of a message, or behind all of it. */
export interface PrefixEnd {
  /** The position of the message; -1 if the mark goes before all of them, behind tools or the wanted shape in words. */
  readonly message: number;
  /** How many characters of its text come before the mark. @default all */
  readonly characters?: number;
}

/**
 * A shorter beginning is not marked: no API keeps fewer than 512 tokens, and hardly any text has more tokens than
 * characters. To mark more than an API keeps costs nothing.
 */
const MIN_CHARACTERS = 512;

/**
 * Where the part of a prompt ends that all prompts of a run share; `undefined` if it is too short for a mark, or a part
 * of what the API puts before it differs from prompt to prompt.
 *
 * @param before characters that the API puts before all messages, such as those of a schema
 */
export function prefixEnd({ messages, prefix }: Prompt, before: number): PrefixEnd | undefined {
  if (prefix === undefined) return undefined;
  let characters = before + prefix.characters;
  for (let at = 0; at < prefix.messages; at++) characters += messages[at]?.content.length ?? 0;
  if (characters < MIN_CHARACTERS) return undefined;
  // System messages are put before all others, wherever they are.
  if (messages.some(({ role }, at) => role === "system" && at >= prefix.messages)) return undefined;
  const within = splitAt(messages[prefix.messages], prefix.characters);
  if (within > 0) return { message: prefix.messages, characters: within };
  return { message: prefix.messages - 1 };
}

/**
 * Where the text of a message is cut in two, of which neither may be blank; 0 if it cannot be. White space goes with what follows, as
 * it does in a token.
 */
function splitAt(message: Message | undefined, characters: number): number {
  if (message === undefined || characters === 0) return 0;
  const { content, images = [] } = message;
  // Images follow the text, so that nothing has to be left of it.
  if (images.length > 0 && characters === content.length) return characters;
  const beginning = content.slice(0, characters).trimEnd();
  const end = beginning.isWellFormed() ? beginning.length : 0;
  return content.slice(end).trim() === "" ? 0 : end;
}
