import { counted } from "@parallel-parrot/core";
import type { SourceNote, SourceNoteCode } from "@parallel-parrot/formats";

/** What a person is told of what was done to an input, in the words of the command line. */
const WORDS: Readonly<Record<SourceNoteCode, (note: SourceNote) => string>> = {
  ROUNDED_NUMBER: ({ count, first }) =>
    `${counted(count, "number of the input was", "numbers of the input were")} rounded, as a number holds only 15 to 17 digits${shown(count, first)}; --long-numbers text keeps all digits, as text`,
};

/** A line for each kind of thing that was done to an input. */
export function describeNotes(notes: readonly SourceNote[]): string[] {
  return notes.map((note) => WORDS[note.code](note));
}

/** The first of those that are counted. */
function shown(count: number, first: string): string {
  return count === 1 ? `: ${first}` : `; the first: ${first}`;
}
