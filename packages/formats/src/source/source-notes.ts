import { clip } from "@parallel-parrot/core";

/** What a source may do to an input so that its rows can be read. A closed set: match on it. */
export type SourceNoteCode =
  /** A number of JSON has more digits than a number holds, and was rounded. */
  | "ROUNDED_NUMBER"
  /** `NaN` or an infinity in JSON became null. */
  | "NULLED_NUMBER"
  /** The rows of a JSON object were found to be the elements of this list in it. */
  | "RECORDS_FOUND"
  /** An only JSON object was found to be a data frame as pandas writes it; the text is its `orient`. */
  | "FRAME_FOUND"
  /** A member of a JSON object, beside the list of its rows, is in none of them. */
  | "MEMBER_LEFT_OUT"
  /** The text is compressed in another way than its name says, as its first bytes show. */
  | "COMPRESSION_FOUND"
  /** The text is in another encoding than UTF-8, as its byte order mark says. */
  | "ENCODING_FOUND"
  /** Cells of CSV are separated by something else than a comma, or than a tab for TSV, which was found. */
  | "DELIMITER_FOUND"
  /** A quote inside a cell without quotes around it is text. */
  | "QUOTE_IN_CELL"
  /** Blanks between a quote and the end of its cell were dropped. */
  | "BLANKS_AROUND_QUOTES"
  /** A carriage return by itself is a part of its cell, where lines end otherwise. */
  | "RETURN_IN_CELL"
  /** A row of CSV with too few cells was filled with empty ones. */
  | "SHORT_ROW"
  /** Empty cells behind the last column were dropped. */
  | "TRAILING_DELIMITER"
  /** A line of nothing but blanks was left out. */
  | "BLANK_LINE"
  /** A line of nothing but Ctrl-Z, the end of a file of DOS, was left out. */
  | "END_MARK"
  /** A line that is a comment was left out. */
  | "COMMENT_LINE"
  /** A cell of Excel shows an error such as `#DIV/0!`, and is null. */
  | "ERROR_CELL"
  /** A cell of Excel has a formula that was never computed, and is null. */
  | "FORMULA_WITHOUT_RESULT"
  /** A row of Excel between others has no cell, and is left out. */
  | "EMPTY_ROW"
  /** Cells of Excel are merged: all but the first of them are empty. */
  | "MERGED_CELLS"
  /** A workbook has rows in sheets that were not read, as none was named. */
  | "OTHER_SHEET"
  /** A text of SQLite has the character � (U+FFFD), which also stands for bytes in it that are not UTF-8. */
  | "UNKNOWN_CHARACTER";

/** What a source has done to its input so far, for each kind: what was changed is never silent. */
export interface SourceNote {
  readonly code: SourceNoteCode;
  /** How often it was done. */
  readonly count: number;
  /** The first that it was done to, as it was written; its beginning, where it is long. */
  readonly first: string;
  /** The line of the first, counted from 1, where it is known. */
  readonly line?: number;
}

/** What else is known of what is done to an input. */
interface NoteDetails {
  /** @default 1 */
  readonly count?: number;
  /** Counted from 1. */
  readonly line?: number;
}

const MAX_SHOWN = 60;

/** Counts what is done to an input. */
export class SourceNotes {
  readonly #notes: (SourceNote & { count: number })[] = [];

  /** @param text what it is done to, as it was written */
  add(code: SourceNoteCode, text: string, { count = 1, line }: NoteDetails = {}): void {
    const known = this.#notes.find((note) => note.code === code);
    if (known !== undefined) known.count += count;
    else
      this.#notes.push({
        code,
        count,
        first: clip(text, MAX_SHOWN),
        ...(line === undefined ? {} : { line }),
      });
  }

  /** One entry for each kind, in the order of their first appearance. It grows while the input is read. */
  get all(): readonly SourceNote[] {
    return this.#notes;
  }
}
