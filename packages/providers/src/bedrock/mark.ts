import type { Prompt } from "@parallel-parrot/core";
import { fieldsOf, listOf, type Fields } from "../json-fields.ts";
import { markPlace, markTurn } from "../prompt-cache/mark-place.ts";
import type { Amendment } from "../provider.ts";

const MARK = { cachePoint: { type: "default" } } as const;

/**
 * Whether a model takes marks. Amazon's own models find out by themselves what requests share, and all others refuse
 * marks. Source: AWS, "Prompt caching for faster model inference".
 */
export function takesCachePoints(model: string): boolean {
  return /claude-(?:3-7-sonnet|3-5-haiku|[a-z]+-\d)/.test(model);
}

/** The fields of a request with the end of the prompt's prefix marked; `undefined` if there is nothing to mark. */
export function withMark(
  fields: Fields,
  prompt: Prompt,
  amendments: ReadonlySet<Amendment>,
): Fields | undefined {
  const { system, toolConfig, messages } = fields;
  const turns = listOf(messages);
  const place = markPlace(prompt, amendments, { system, tools: toolConfig, turns });
  if (place === undefined) return undefined;
  if (place === "tools") {
    const { tools } = fieldsOf(toolConfig);
    return { ...fields, toolConfig: { ...fieldsOf(toolConfig), tools: [...listOf(tools), MARK] } };
  }
  if (place === "system") return { ...fields, system: [...listOf(system), MARK] };
  return { ...fields, messages: markTurn(turns, place, contentOf) };
}

function contentOf(beginning: string, rest: string): readonly Fields[] {
  const marked = [{ text: beginning }, MARK];
  // The API refuses an empty text block.
  return rest === "" ? marked : [...marked, { text: rest }];
}
