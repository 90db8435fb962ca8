import type { Row } from "../items/row.ts";
import { isWrittenNumber } from "../json/written-number.ts";

/** Whether a value is an object of any kind, a list included; null is none. */
export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Whether a value is an object with named members, as in JSON: not a list, and not a number kept as it was written. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !Array.isArray(value) && !isWrittenNumber(value);
}

/** Whether a value is plain data with named members: not a list, a date or another instance of a class. */
export function isPlainObject(value: unknown): value is Row {
  if (!isObject(value) || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The last test knows the plain objects of another realm.
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}
