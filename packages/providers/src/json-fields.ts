import { isRecord, parseJson as parseExactly } from "@parallel-parrot/core";

/** A JSON object whose fields may hold anything. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value of a JSON text; `undefined` if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Like {@linkcode parseJson}, with every number as it was written, for values that are written as JSON again. */
export function parseWritten(text: string): unknown {
  try {
    return parseExactly(text, { numbers: "written" });
  } catch {
    return undefined;
  }
}

/** The value if it is an object, else an empty one, so that its fields can be read in any case. */
export function fieldsOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

/** No answer has so many tokens: a larger number is an error of the server. */
const MAX_COUNT = 1e9;

/** A number of tokens or the like as a whole number, rounded up; it may be a text. 0 if it is not a number. */
export function countOf(value: unknown): number {
  const count = typeof value === "string" && /^\d{1,10}$/.test(value) ? Number(value) : value;
  return typeof count === "number" && count > 0 && count <= MAX_COUNT ? Math.ceil(count) : 0;
}

/** The value if it is a text, else an empty one. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The value if it is a list, else an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Merges the second fields into the first: objects are merged, other values are replaced. */
export function mergeFields(fields: Fields, over: Fields): Fields {
  const result: Record<string, unknown> = { ...fields };
  for (const [name, value] of Object.entries(over)) {
    const present = result[name];
    result[name] = isRecord(present) && isRecord(value) ? mergeFields(present, value) : value;
  }
  return result;
}

/** The fields that are not `undefined`. */
export function definedFields(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
