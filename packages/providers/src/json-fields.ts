import { isRecord, parseJson as parseExactly } from "@parallel-parrot/core";

/** An object of a response, with nothing assumed about its fields. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value of a JSON text; `undefined` where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value of a JSON text with every number as it was written, for what goes on as JSON. */
export function parseWritten(text: string): unknown {
  try {
    return parseExactly(text, { numbers: "written" });
  } catch {
    return undefined;
  }
}

/** A value as an object; an empty one where it is none, so that fields can be asked for all the same. */
export function fieldsOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

/** No answer has as many tokens; what is larger was not counted by anybody. */
const MAX_COUNT = 1e9;

/** A whole number of tokens or the like, rounded up, also where it is told as text; 0 where it is none. */
export function countOf(value: unknown): number {
  const count = typeof value === "string" && /^\d{1,10}$/.test(value) ? Number(value) : value;
  return typeof count === "number" && count > 0 && count <= MAX_COUNT ? Math.ceil(count) : 0;
}

/** A text; an empty one where it is none. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A list; an empty one where it is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Fields with others laid over them: objects are merged, anything else is replaced. */
export function mergeFields(fields: Fields, over: Fields): Fields {
  const result: Record<string, unknown> = { ...fields };
  for (const [name, value] of Object.entries(over)) {
    const present = result[name];
    result[name] = isRecord(present) && isRecord(value) ? mergeFields(present, value) : value;
  }
  return result;
}

/** The fields that have a value. */
export function definedFields(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
