import { isRecord, parseJson } from "@parallel-parrot/core";

/** A message of a training example: a role, what it says, and whatever else the row has in it, such as tool calls. */
export interface TrainingMessage {
  readonly role: string;
  readonly content: unknown;
  readonly [key: string]: unknown;
}

/** The messages in a cell, or what is wrong with it. */
export type ReadConversation =
  | { readonly ok: true; readonly messages: readonly TrainingMessage[]; readonly isMended: boolean }
  | { readonly ok: false; readonly problem: string };

/** The roles that ShareGPT and Gemini call otherwise. */
const ROLES: ReadonlyMap<unknown, string> = new Map([
  ["human", "user"],
  ["gpt", "assistant"],
  ["model", "assistant"],
]);

/**
 * Reads a conversation: a list of messages, or the JSON text of one. A message has `role` and `content`, or, as in
 * ShareGPT, `from` and `value`.
 */
export function readConversation(cell: unknown): ReadConversation {
  const value = typeof cell === "string" ? parsed(cell) : cell;
  if (!Array.isArray(value)) return { ok: false, problem: "is no list of messages" };
  const messages: TrainingMessage[] = [];
  let isMended = false;
  for (const [place, item] of (value as readonly unknown[]).entries()) {
    const message = isRecord(item) ? messageOf(item) : undefined;
    if (message === undefined)
      return { ok: false, problem: `has no role and content in message ${place + 1}` };
    if (typeof message.content !== "string") messages.push(message);
    else {
      const content = message.content.toWellFormed();
      isMended ||= content !== message.content;
      messages.push({ ...message, content });
    }
  }
  return { ok: true, messages, isMended };
}

function messageOf(item: Readonly<Record<string, unknown>>): TrainingMessage | undefined {
  const { from, value, role = from, content = value, ...others } = item;
  const name = ROLES.get(role) ?? role;
  return typeof name === "string" && ("content" in item || "value" in item || "tool_calls" in item)
    ? { role: name, content: content ?? null, ...others }
    : undefined;
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
