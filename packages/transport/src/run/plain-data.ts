import { isObject, isPlainObject } from "@parallel-parrot/core";

/** Levels of lists and objects that are looked into. */
const MAX_DEPTH = 64;

/** Whether a value is nothing but data, so that a copy of it is as good: no classes, functions or circles. */
export function isPlainData(value: unknown, depth = 0): boolean {
  if (typeof value === "function" || typeof value === "symbol") return false;
  if (!isObject(value)) return true;
  if (depth >= MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((item) => isPlainData(item, depth + 1));
  return isPlainObject(value) && Object.values(value).every((item) => isPlainData(item, depth + 1));
}
