import { hash } from "node:crypto";
import type { Message, Prompt } from "@parallel-parrot/core";
import { AS_USER, NO_MARKS } from "../amendments.ts";
import type { Fields } from "../json-fields.ts";
import type { Amendment } from "../provider.ts";
import type { Turn } from "../request/system-messages.ts";
import { prefixEnd, type PrefixEnd } from "./prefix-end.ts";

/** What a marked request has beside its turns, unless the user has set it. */
const OPTIONS = { prompt_cache_options: { mode: "explicit" } } as const;

/** The turns and fields of a marked request; `undefined` if there is nothing to mark. */
export interface MarkedTurns {
  readonly turns: readonly (Turn | MarkedTurn)[];
  readonly fields: Fields;
}

/** A turn with the parts of its text as the API takes them. */
interface MarkedTurn extends Pick<Turn, "role"> {
  readonly content: readonly unknown[];
}

/**
 * Marks the end of a prompt's prefix. An answer of the assistant takes no mark, so that it goes to the turn before.
 *
 * @param turns those of the request, which may begin with a system message more than the prompt
 * @param contentOf the parts of a message with text and images, its text first
 */
export function markTurns(
  prompt: Prompt,
  amendments: ReadonlySet<Amendment>,
  turns: readonly Turn[],
  contentOf: (message: Message) => readonly unknown[],
): MarkedTurns | undefined {
  if (prompt.prefix === undefined || amendments.has(NO_MARKS) || amendments.has(AS_USER)) return undefined;
  const added = turns.length - prompt.messages.length;
  const found = prefixEnd(prompt, added > 0 ? (turns[0]?.content.length ?? 0) : 0);
  if (found === undefined) return undefined;
  const end = withoutAssistants(turns, { ...found, message: found.message + added });
  const turn = turns[end.message];
  if (turn === undefined || turn.content === "") return undefined;
  const content = markedContent(turn, end, contentOf);
  const marked = turns.map((each, at) => (at === end.message ? { role: turn.role, content } : each));
  return { turns: marked, fields: { ...OPTIONS, prompt_cache_key: keyOf(turns, end) } };
}

function withoutAssistants(turns: readonly Turn[], end: PrefixEnd): PrefixEnd {
  let { message } = end;
  if (turns[message]?.role !== "assistant") return end;
  while (turns[message]?.role === "assistant") message -= 1;
  return { message };
}

function markedContent(
  { content, images = [] }: Turn,
  { characters = content.length }: PrefixEnd,
  contentOf: (message: Message) => readonly unknown[],
): readonly unknown[] {
  const textPart = (text: string): unknown => contentOf({ role: "user", content: text })[0];
  const rest = content.slice(characters);
  const [, ...imageParts] = contentOf({ role: "user", content, images });
  return [
    { ...(textPart(content.slice(0, characters)) as Fields), prompt_cache_breakpoint: { mode: "explicit" } },
    ...(rest === "" ? [] : [textPart(rest)]),
    ...imageParts,
  ];
}

/** Requests with the same key go to the same server, which has what they share. */
function keyOf(turns: readonly Turn[], { message, characters }: PrefixEnd): string {
  const texts = turns.slice(0, message + 1).map(({ content }) => content);
  const shared = [...texts.slice(0, -1), (texts.at(-1) ?? "").slice(0, characters)];
  return hash("sha256", JSON.stringify(shared), "base64url").slice(0, 22);
}
