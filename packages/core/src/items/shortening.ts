import type { Prompt } from "./prompt.ts";

/** How much of a column's text is left in a prompt; lengths in UTF-16 code units, as of a JavaScript string. */
export interface Cut {
  readonly column: string;
  readonly from: number;
  readonly to: number;
}

/** A prompt with less of its row's text, or why there is none. */
export type Shortening =
  | { readonly ok: true; readonly prompt: Prompt; readonly cuts: readonly Cut[] }
  | {
      readonly ok: false;
      /** Ends the sentence "The prompt cannot be shortened: …". */
      readonly reason: string;
    };
