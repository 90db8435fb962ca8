import { isObject } from "@parallel-parrot/core";
/** Whether a value has objects and lists nested in more than that many levels. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (!isObject(value)) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
