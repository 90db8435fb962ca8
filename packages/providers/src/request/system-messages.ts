import type { Message } from "@parallel-parrot/core";
import { AS_DEVELOPER, AS_USER } from "../amendments.ts";
import type { Amendment } from "../provider.ts";

/** A message with the roles of the OpenAI dialects, which also have the developer. */
export interface Turn extends Omit<Message, "role"> {
  readonly role: Message["role"] | "developer";
}

/** Whether an amendment changes system messages, because the model refused them. */
export function isSystemChanged(amendments: ReadonlySet<Amendment>): boolean {
  return amendments.has(AS_DEVELOPER) || amendments.has(AS_USER);
}

/** Adds words to the system message, such as the wanted shape, and puts it in the form that the model accepts. */
export function arrangeSystem(
  messages: readonly Message[],
  words: string | undefined,
  amendments: ReadonlySet<Amendment>,
): readonly Turn[] {
  const [first, ...others] = messages;
  const system = first?.role === "system" ? first.content : undefined;
  const rest = system === undefined ? messages : others;
  const told = [system, words].filter((text) => text !== undefined).join("\n\n");
  if (told === "") return rest;
  if (!amendments.has(AS_USER))
    return [{ role: amendments.has(AS_DEVELOPER) ? "developer" : "system", content: told }, ...rest];
  const [question, ...later] = rest;
  if (question?.role !== "user") return [{ role: "user", content: told }, ...rest];
  return [{ ...question, content: `${told}\n\n${question.content}` }, ...later];
}

/** A conversation for an API that has a field of its own for system messages. */
export interface SystemAndTurns {
  /** All system messages in one text; empty if there are none. */
  readonly system: string;
  readonly turns: readonly Turn[];
}

/**
 * Takes the system messages out of a conversation. If the model refused system messages, they go into the user's first
 * message instead.
 *
 * @param words added after the system messages, such as the wanted shape
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
