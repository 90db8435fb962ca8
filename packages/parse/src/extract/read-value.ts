import { parseJson, type ParseJsonOptions } from "@parallel-parrot/core";
import { restoreBackslashes } from "./restore-backslashes.ts";

/** The value of a text of JSON. */
export interface ReadValue {
  readonly value: unknown;
  /** Whether backslashes were restored in it. */
  readonly isRepaired: boolean;
}

/** Reads a JSON text, even one whose backslashes were not doubled; `undefined` where it is not JSON. */
export function readValue(text: string, options: ParseJsonOptions): ReadValue | undefined {
  const restored = restoreBackslashes(text);
  const value = parsed(restored, options);
  return value === undefined ? undefined : { value, isRepaired: restored !== text };
}

/** The value of a JSON text; `undefined` where it is not JSON. */
export function parsed(text: string, options: ParseJsonOptions): unknown {
  try {
    return parseJson(text, options);
  } catch {
    return undefined;
  }
}
