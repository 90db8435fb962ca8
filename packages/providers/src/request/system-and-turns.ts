import type { Message } from "@parallel-parrot/core";
import type { Amendment } from "../provider.ts";
import { arrangeSystem, AS_USER, type Turn } from "./system-message.ts";

/** A conversation for an API that takes system messages apart from the turns. */
export interface SystemAndTurns {
  /** All system messages in one; empty where there is none. */
  readonly system: string;
  readonly turns: readonly Turn[];
}

/**
 * Takes the system messages out of a conversation, or puts them before the user's where the model was found to
 * take none.
 *
 * @param words told to the model behind the system messages, such as the wanted shape
 */
export function systemAndTurns(
  messages: readonly Message[],
  words: string | undefined,
  amendments: ReadonlySet<Amendment>,
): SystemAndTurns {
  if (amendments.has(AS_USER)) return { system: "", turns: arrangeSystem(messages, words, amendments) };
  const told = messages.filter(({ role }) => role === "system").map(({ content }) => content);
  const system = words === undefined ? told : [...told, words];
  return { system: system.join("\n\n"), turns: messages.filter(({ role }) => role !== "system") };
}
