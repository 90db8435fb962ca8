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
  MEMBER_LEFT_OUT: ({ count, first }) =>
    `${counted(count, "member", "members")} of the input beside its list of rows ${count === 1 ? "is" : "are"} not in the rows${shown(count, first)}`,
};

/** A line for each kind of thing that was done to an input. */
export function describeNotes(notes: readonly SourceNote[]): string[] {
  return notes.map((note) => WORDS[note.code](note));
}

/** The first of those that are counted. */
function shown(count: number, first: string): string {
  return count === 1 ? `: ${first}` : `; the first: ${first}`;
}
