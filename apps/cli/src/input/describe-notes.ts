import { counted } from "@parallel-parrot/core";
import type { SourceNote, SourceNoteCode } from "@parallel-parrot/formats";

/** What a person is told of what was done to an input, in the words of the command line. */
const WORDS: Readonly<Record<SourceNoteCode, (note: SourceNote) => string>> = {
  ROUNDED_NUMBER: ({ count, first }) =>
    `${counted(count, "number of the input was", "numbers of the input were")} rounded, as a number holds only 15 to 17 digits${shown(count, first)}; --long-numbers text keeps all digits, as text`,
  NULLED_NUMBER: ({ count, first }) =>
    `${counted(count, "number of the input is", "numbers of the input are")} no JSON, as Python writes numbers without a value, and became null${shown(count, first)}; --nan error refuses them`,
  RECORDS_FOUND: ({ first }) =>
    `The rows are the elements of "${first}", the only list of objects in the input; --records names another list, and --records . reads the input as one row`,
  FRAME_FOUND: ({ first }) =>
    `The only object of the input is a data frame as pandas writes it with orient="${first}": its rows were put together; --records . reads the input as one row`,
  MEMBER_LEFT_OUT: ({ count, first }) =>
    `${counted(count, "member", "members")} of the input beside its list of rows ${count === 1 ? "is" : "are"} not in the rows${shown(count, first)}`,
  COMPRESSION_FOUND: ({ first }) =>
    first === "none"
      ? "The input is not compressed, though its name says so"
      : `The input is compressed with ${first}, though its name does not say so`,
  ENCODING_FOUND: ({ first }) =>
    `The input is ${first.toUpperCase()}, as its byte order mark says; what is written is UTF-8`,
  DELIMITER_FOUND: ({ first }) =>
    `The cells of the input are separated by ${first === "\t" ? "a tab" : `"${first}"`}, as its first lines show; --delimiter says otherwise`,
  QUOTE_IN_CELL: (note) =>
    `${counted(note.count, "cell has", "cells have")} a quote inside, without quotes around it: read as text${at(note)}; --strict refuses that`,
  BLANKS_AROUND_QUOTES: (note) =>
    `${counted(note.count, "cell has blanks around its quotes", "cells have blanks around their quotes")}, which were dropped${at(note)}; --strict refuses that`,
  RETURN_IN_CELL: (note) =>
    `${counted(note.count, "cell has", "cells have")} a carriage return inside, which ends no line${at(note)}; --strict refuses that`,
  SHORT_ROW: (note) =>
    `${counted(note.count, "row has", "rows have")} too few cells, filled with empty ones${at(note)}; --ragged error refuses that`,
  TRAILING_DELIMITER: (note) =>
    `${counted(note.count, "row has", "rows have")} empty cells behind the last column, which were dropped${at(note)}; --strict refuses that`,
  BLANK_LINE: (note) =>
    `${counted(note.count, "line", "lines")} of nothing but blanks left out${at(note)}; --strict refuses that`,
  END_MARK: (note) =>
    `${counted(note.count, "line", "lines")} of nothing but Ctrl-Z left out${at(note)}; --strict refuses that`,
  COMMENT_LINE: (note) =>
    `${counted(note.count, "line", "lines")} left out as comments${at(note)} (--comment)`,
  ERROR_CELL: ({ count, first }) =>
    `${counted(count, "cell of the input shows", "cells of the input show")} an error, and ${count === 1 ? "is" : "are"} read as empty${shown(count, first)}`,
  FORMULA_WITHOUT_RESULT: ({ count, first }) =>
    `${counted(count, "formula of the input was", "formulas of the input were")} never computed, and ${count === 1 ? "is" : "are"} read as empty${shown(count, first)}; open the file in Excel and save it`,
  EMPTY_ROW: ({ count, first }) =>
    `${counted(count, "row of the sheet is empty, and was", "rows of the sheet are empty, and were")} left out${shown(count, `row ${first}`)}`,
  MERGED_CELLS: ({ count, first }) =>
    `${counted(count, "area of the input is merged cells, of which", "areas of the input are merged cells, of each of which")} only the first has a value${shown(count, first)}`,
  OTHER_SHEET: ({ count, first }) =>
    `The first sheet was read; ${counted(count, "other sheet has", "other sheets have")} rows${shown(count, first)}; --sheet names the one to read`,
  UNKNOWN_CHARACTER: ({ count, first }) =>
    `${counted(count, "cell of the input has", "cells of the input have")} the character �, which stands for bytes that are not UTF-8 unless it was stored itself${shown(count, first)}`,
};

/** A line for each kind of thing that was done to an input. */
export function describeNotes(notes: readonly SourceNote[]): string[] {
  return notes.map((note) => WORDS[note.code](note));
}

/** The first of those that are counted. */
function shown(count: number, first: string): string {
  return count === 1 ? `: ${first}` : `; the first: ${first}`;
}

/** Where the first of those that are counted is. */
function at({ count, line }: SourceNote): string {
  if (line === undefined) return "";
  return count === 1 ? ` (line ${line})` : ` (the first on line ${line})`;
}
