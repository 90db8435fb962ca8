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

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as an object; an empty one where it is none, so that fields can be asked for all the same. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** A number of tokens or the like; 0 where it is none. */
export function countOf(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : 0;
}

/** A text; an empty one where it is none. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
