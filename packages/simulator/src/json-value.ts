/** A JSON object. */
export type JsonObject = { readonly [key: string]: unknown };

/** Whether a parsed JSON value is an object, not an array or null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A key of a JSON object that is its own; `undefined` where it has none. */
export function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A list of objects out of a JSON value; empty where it is not one. */
export function objectsIn(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The text parsed as JSON; `undefined` where it is not. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A JSON value as a text; also of an object that has a key `toString`, which cannot be converted. */
export function asText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return JSON.stringify(value);
  }
}
