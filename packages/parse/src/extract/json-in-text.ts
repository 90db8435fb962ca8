import { hasTooManyValues, isObject, parseJson, type ParseJsonOptions } from "@parallel-parrot/core";
import { isDeeper } from "./is-deeper.ts";
import { MAX_DEPTH } from "./scan-json.ts";

/**
 * The object or list that a text is the JSON of; `undefined` where it is not JSON, or is nested too deeply or has too
 * many values to be read.
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
