import type { Amendment, Call } from "../provider.ts";

/** The key of the adapters under test, which is then looked for where it must not appear. */
export const SECRET = "canary-9f8e7d6c5b4a-key";
/** No amendments. */
export const NONE: ReadonlySet<Amendment> = new Set();

/** A conversation that has characters beyond ASCII. */
export const CALL: Call = {
  prompt: {
    messages: [
      { role: "system", content: "You are «terse» one" },
      { role: "user", content: "First «question»" },
      { role: "assistant", content: "First «answer»" },
      { role: "user", content: 'Second "question"\nwith a line' },
    ],
  },
  params: {},
  shape: { type: "text" },
  n: 1,
};

const SCHEMA = {
  type: "object",
  properties: { colour: { type: "string", pattern: "^[a-z]+$" }, shade: { type: "string" } },
  required: ["colour"],
  additionalProperties: false,
};

/** The same conversation, with a schema for the answer. */
export const JSON_CALL: Call = {
  ...CALL,
  shape: {
    type: "json",
    name: "paint",
    schema: SCHEMA,
    instructions: "Answer with JSON: an object with colour.",
  },
};

/** All strings in a JSON value, in order. */
export function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}

/** All keys in a JSON value, in order. */
export function keysIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.values(value).flatMap(keysIn);
  return Array.isArray(value) ? inner : [...Object.keys(value), ...inner];
}
