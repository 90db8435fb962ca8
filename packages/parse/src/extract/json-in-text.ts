import { hasTooManyValues, isObject, parseJson, type ParseJsonOptions } from "@parallel-parrot/core";
import { isDeeper } from "./is-deeper.ts";
import { MAX_DEPTH } from "./scan-json.ts";

/**
 * The object or list whose JSON a text is; `undefined` where it is none, or where it is nested deeper or has more
 * values than is read.
 */
export function jsonInText(text: string, options: ParseJsonOptions): object | undefined {
  if (!/^\s*[[{]/.test(text) || hasTooManyValues(text, true)) return undefined;
  try {
    const value = parseJson(text, options);
    return isObject(value) && !isDeeper(value, MAX_DEPTH) ? value : undefined;
  } catch {
    return undefined;
  }
}
