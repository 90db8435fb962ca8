import type { Message } from "@parallel-parrot/core";

const ROLES: ReadonlySet<unknown> = new Set<Message["role"]>(["system", "user", "assistant"]);

/** Says what is wrong with the order of roles in a conversation; `undefined` where it is right. */
export function roleProblem(messages: readonly { readonly role: unknown }[]): string | undefined {
  if (messages.length === 0) return "there are no messages";
  for (const [position, { role }] of messages.entries()) {
    if (!ROLES.has(role)) {
      return `messages[${position}] has the role ${JSON.stringify(role)}; roles are "system", "user", "assistant"`;
    }
    if (role === "system" && position > 0) {
      return `messages[${position}] is a system message; only the first message can be one`;
    }
  }
  return messages.at(-1)?.role === "user" ? undefined : "the last message is not a user message";
}

/** The same messages without a system message that is empty. */
export function withoutEmptySystem(messages: readonly Message[]): readonly Message[] {
  const [first] = messages;
  return first?.role === "system" && isBlank(first.content) ? messages.slice(1) : messages;
}

/** Names the first message without text; `undefined` where each has some. */
export function emptyMessage(messages: readonly Message[]): string | undefined {
  const position = messages.findIndex(({ content }) => isBlank(content));
  const role = messages[position]?.role;
  if (role === undefined) return undefined;
  return position === messages.length - 1
    ? "the user message is empty"
    : `messages[${position}] (${role}) is empty`;
}

function isBlank(text: string): boolean {
  return !/\S/.test(text);
}
