import { isObject, parseJson } from "../json-value.ts";

/** Writes the texts that the schema lists in upper case, or in lower case if they are in upper case. */
export function changeEnumCase(json: string, schema: unknown): string {
  const listed = new Set<unknown>();
  collectListed(schema, listed);
  const value = parseJson(json);
  if (value === undefined || listed.size === 0) return json;
  return JSON.stringify(value, (_, text: unknown) =>
    typeof text === "string" && listed.has(text) ? changeCase(text) : text,
  );
}

function collectListed(schema: unknown, listed: Set<unknown>): void {
  if (Array.isArray(schema)) for (const item of schema) collectListed(item, listed);
  if (!isObject(schema)) return;
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === "enum" && Array.isArray(value)) for (const text of value) listed.add(text);
    else if (keyword === "const") listed.add(value);
    else collectListed(value, listed);
  }
}

function changeCase(text: string): string {
  const capitals = text.toUpperCase();
  return text === capitals ? text.toLowerCase() : capitals;
}
