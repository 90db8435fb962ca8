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
  if (Array.isArray(value["items"]) && own.length === 1) return { elements: value["items"], isBare: false };
  if (hasKey(value, keys)) return bare;
  const lists = own.filter((inner) => Array.isArray(inner));
  const [list] = lists;
  // Without known keys an object with a list of texts is more likely an element than a wrapper.
  if (list !== undefined && lists.length === 1 && list.every((inner) => isObject(inner) || keys.length > 0))
    return { elements: list, isBare: false };
  if (own.length > 0 && own.every((inner) => isObject(inner) && hasKey(inner, keys)))
    return { elements: own, isBare: false };
  const [inner] = own;
  if (depth === 0 && own.length === 1 && isObject(inner)) return listElements(inner, keys, 1);
  return bare;
}

/** The one object of an answer: itself, the only element of a list, or the only value of a wrapper. */
export function oneObject(value: unknown, keys: readonly string[]): unknown {
  const single = Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value;
  if (!isObject(single) || keys.length === 0 || hasKey(single, keys)) return single;
  const [inner, ...rest] = Object.values(single);
  return rest.length === 0 && isObject(inner) ? inner : single;
}

function hasKey(object: object, keys: readonly string[]): boolean {
  return keys.some((key) => Object.hasOwn(object, key));
}
