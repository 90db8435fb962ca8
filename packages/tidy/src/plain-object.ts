import type { Row } from "@parallel-parrot/core";

/** Whether a value is plain data with named parts: not an array, a date or an instance of a class. */
export function isPlainObject(value: unknown): value is Row {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The second test knows the plain objects of another realm.
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}
