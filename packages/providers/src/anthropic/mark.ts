import type { Prompt } from "@parallel-parrot/core";
import { fieldsOf, listOf, type Fields } from "../json-fields.ts";
import { markPlace, markTurn } from "../prompt-cache/mark-place.ts";
import type { Amendment } from "../provider.ts";

const MARK = { cache_control: { type: "ephemeral" } } as const;

/**
 * The fields of a request with the end of the prompt's prefix marked; `undefined` if there is nothing to mark, or the
 * user has asked for marks in another way.
 */
export function withMark(
  fields: Fields,
  prompt: Prompt,
  amendments: ReadonlySet<Amendment>,
): Fields | undefined {
  const { system, tools, messages, cache_control: own } = fields;
  const turns = listOf(messages);
  const place = own === undefined ? markPlace(prompt, amendments, { system, tools, turns }) : undefined;
  if (place === undefined) return undefined;
  if (place === "tools") {
    const all = listOf(tools);
    return { ...fields, tools: [...all.slice(0, -1), { ...fieldsOf(all.at(-1)), ...MARK }] };
  }
  if (place === "system") return { ...fields, system: [{ type: "text", text: system, ...MARK }] };
  return { ...fields, messages: markTurn(turns, place, contentOf) };
}

function contentOf(beginning: string, rest: string): readonly Fields[] {
  const marked = { type: "text", text: beginning, ...MARK };
  // The API refuses an empty text block.
  return rest === "" ? [marked] : [marked, { type: "text", text: rest }];
}
