import type { Prompt, Prompted } from "./item.ts";

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

/** Makes a prompt again with less of its row's text. The same arguments give the same prompt. */
export interface PromptShortener {
  /**
   * Cuts the longest cells, so that the texts of all messages together have at most so many characters: no cell is
   * cut while a longer one is not. Where the words between the cells alone have more, it cuts as much as it can.
   */
  shorten(item: Prompted, characters: number): Shortening;
}
