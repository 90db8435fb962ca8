import { getCell } from "@parallel-parrot/core";
import { isObject } from "./schema-parts.ts";

/** The elements of a list as a model may have written it. */
export interface Elements {
  readonly elements: readonly unknown[];
  /** Whether the answer is one bare element, with nothing that says it is a list. */
  readonly isBare: boolean;
}

/**
 * The elements of a list: `{ items: [ … ] }` and any other object around one list, a bare list, an object of
 * numbered elements, or one bare element. `keys` are those an element has; none where they are not known.
 */
export function listElements(value: unknown, keys: readonly string[], depth = 0): Elements {
  if (Array.isArray(value)) return { elements: value, isBare: false };
  const bare: Elements = { elements: [value], isBare: true };
  if (!isObject(value)) return bare;
  const own = Object.values(value);
  const isItem = hasKey(value, keys);
  const items = getCell(value, "items");
  if (Array.isArray(items) && (own.length === 1 || !isItem)) return { elements: items, isBare: false };
  if (isItem) return bare;
  const lists = own.filter((inner) => Array.isArray(inner));
  const [list] = lists;
  // Without known keys an object with more than a list of objects may be an element itself.
  const isWrapper = keys.length > 0 || (own.length === 1 && list?.every(isObject) === true);
  if (list !== undefined && lists.length === 1 && isWrapper) return { elements: list, isBare: false };
  if (own.length > 0 && own.every((inner) => isObject(inner) && hasKey(inner, keys)))
    return { elements: own, isBare: false };
  const [inner] = own;
  if (depth === 0 && own.length === 1 && isObject(inner)) return listElements(inner, keys, 1);
  return bare;
}

/** The one object of an answer: itself, the only element of a list, or the only value of a wrapper. */
export function oneObject(value: unknown, keys: readonly string[], depth = 0): unknown {
  if (typeof value !== "object" || value === null || depth === 3) return value;
  const isWrapper = Array.isArray(value) || (keys.length > 0 && !hasKey(value, keys));
  const [inner, ...rest] = Object.values(value) as unknown[];
  return isWrapper && rest.length === 0 && typeof inner === "object" && inner !== null
    ? oneObject(inner, keys, depth + 1)
    : value;
}

function hasKey(object: object, keys: readonly string[]): boolean {
  return keys.some((key) => Object.hasOwn(object, key));
}
