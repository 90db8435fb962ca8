import { clip } from "@parallel-parrot/core";

/** What a source may do to an input so that its rows can be read. A closed set: match on it. */
export type SourceNoteCode =
  /** A number of JSON has more digits than a number holds, and was rounded. */
  | "ROUNDED_NUMBER"
  /** `NaN` or an infinity in JSON became null. */
  | "NULLED_NUMBER"
  /** The rows of a JSON object were found to be the elements of this list in it. */
  | "RECORDS_FOUND"
  /** A member of a JSON object, beside the list of its rows, is in none of them. */
  | "MEMBER_LEFT_OUT";

/** What a source has done to its input so far, for each kind: what was changed is never silent. */
export interface SourceNote {
  readonly code: SourceNoteCode;
  /** How often it was done. */
  readonly count: number;
  /** The first that it was done to, as it was written; its beginning, where it is long. */
  readonly first: string;
}

const MAX_SHOWN = 60;

/** Counts what is done to an input. */
export class SourceNotes {
  readonly #notes: { code: SourceNoteCode; count: number; first: string }[] = [];

  /** @param text what it is done to, as it was written */
  add(code: SourceNoteCode, text: string, count = 1): void {
    const known = this.#notes.find((note) => note.code === code);
    if (known === undefined) this.#notes.push({ code, count, first: clip(text, MAX_SHOWN) });
    else known.count += count;
  }

  /** One entry for each kind, in the order of their first appearance. It grows while the input is read. */
  get all(): readonly SourceNote[] {
    return this.#notes;
  }
}
