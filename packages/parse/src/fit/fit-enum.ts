import type { JsonSchema } from "@parallel-parrot/core";
import type { Changes } from "./changes.ts";
import { foldName } from "./fold-name.ts";
import { keywordOf } from "../schema/schema-parts.ts";

/** A text as a schema names it: the one of an enum that it is written for in another case or style. */
export function fitEnum(text: string, schema: JsonSchema, changes: Changes): string {
  const texts = textsOf(schema);
  if (texts.length === 0 || texts.includes(text)) return text;
  const [match, ...others] = [...new Set(texts)].filter((known) => isSameText(known, text));
  if (match === undefined || others.length > 0) return text;
  changes.add(`${JSON.stringify(text)} as ${JSON.stringify(match)}`);
  return match;
}

/** The texts that a schema names one by one. */
export function textsOf(schema: JsonSchema): string[] {
  const values = keywordOf(schema, "enum");
  const all: unknown[] = Array.isArray(values) ? values : [keywordOf(schema, "const")];
  return all.filter((value) => typeof value === "string");
}

export function isSameText(a: string, b: string): boolean {
  return a === b || foldName(a) === foldName(b);
}
