import { stringifyJson } from "@parallel-parrot/core";

/** Whether two values are the same when they are written as JSON. */
export function isSameJson(a: unknown, b: unknown): boolean {
  return stringifyJson(a) === stringifyJson(b);
}
