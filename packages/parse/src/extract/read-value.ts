import { parseJson, type ParseJsonOptions } from "@parallel-parrot/core";
import { restoreBackslashes } from "./restore-backslashes.ts";

/** The value of a text of JSON. */
export interface ReadValue {
  readonly value: unknown;
  /** Whether backslashes were restored in it. */
  readonly isRepaired: boolean;
}

/** Reads a text of JSON, be it with backslashes that were not written twice; `undefined` where it is none. */
export function readValue(text: string, options: ParseJsonOptions): ReadValue | undefined {
  const restored = restoreBackslashes(text);
  const value = parsed(restored, options);
  return value === undefined ? undefined : { value, isRepaired: restored !== text };
}

/** The value of a text of JSON; `undefined` where it is none. */
export function parsed(text: string, options: ParseJsonOptions): unknown {
  try {
    return parseJson(text, options);
  } catch {
    return undefined;
  }
}
