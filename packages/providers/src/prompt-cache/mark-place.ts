import type { Prompt } from "@parallel-parrot/core";
import { AS_USER, NO_MARKS } from "../amendments.ts";
import { fieldsOf, listOf, textOf, type Fields } from "../json-fields.ts";
import type { Amendment } from "../provider.ts";
import { prefixEnd } from "./prefix-end.ts";

/** Where a mark goes: behind all tools, behind the system message, or within the text of a turn or behind it. */
export type MarkPlace = "tools" | "system" | TurnPlace;

interface TurnPlace {
  readonly turn: number;
  /** @default all of its text */
  readonly characters: number | undefined;
}

/** A request of an API that reads tools first, then the system message, then the turns. */
interface RequestParts {
  /** `undefined` if the request has none. */
  readonly tools: unknown;
  /** `undefined` if the request has none. */
  readonly system: unknown;
  /** Turns of the same role may have become one. */
  readonly turns: readonly unknown[];
}

/**
 * Where the end of a prompt's prefix is marked, so that the API keeps everything up to there; `undefined` if there is
 * nothing to mark.
 */
export function markPlace(
  prompt: Prompt,
  amendments: ReadonlySet<Amendment>,
  { tools, system, turns }: RequestParts,
): MarkPlace | undefined {
  if (prompt.prefix === undefined || amendments.has(NO_MARKS) || amendments.has(AS_USER)) return undefined;
  const end = prefixEnd(prompt, tools === undefined ? 0 : JSON.stringify(tools).length);
  if (end === undefined) return undefined;
  const systems = prompt.messages.filter(({ role }) => role === "system").length;
  const turn = end.message - systems;
  // Where turns have become one, a position in the prompt is none in the request.
  const isWhole = turns.length === prompt.messages.length - systems;
  if (turn >= 0 && isWhole) return { turn, characters: end.characters };
  if (system !== undefined) return "system";
  return tools === undefined ? undefined : "tools";
}

/**
 * Cuts the text of one turn where the prefix ends. The text comes before images, and a turn of images alone has none.
 *
 * @param contentOf the blocks of both parts of the text; the second may be empty
 */
export function markTurn(
  turns: readonly unknown[],
  { turn, characters }: TurnPlace,
  contentOf: (beginning: string, rest: string) => readonly Fields[],
): readonly unknown[] {
  return turns.map((each, at) => {
    if (at !== turn) return each;
    const { content } = fieldsOf(each);
    const [first, ...images] = typeof content === "string" ? [{ text: content }] : listOf(content);
    const text = textOf(fieldsOf(first)["text"]);
    if (text === "") return each;
    const end = characters ?? text.length;
    const blocks = contentOf(text.slice(0, end), text.slice(end));
    return { ...fieldsOf(each), content: [...blocks, ...images] };
  });
}
