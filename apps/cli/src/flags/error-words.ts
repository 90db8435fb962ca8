import type { ErrorCode } from "@parallel-parrot/core";
import { EXPLODE_FLAGS } from "./commands/explode-flags.ts";
import { FINETUNE_FLAGS } from "./commands/finetune-flags.ts";
import { PRUNE_FLAGS } from "./commands/journal-flags.ts";
import { longOf, type Flags } from "./flag.ts";
import { JOB_FLAGS } from "./job-flags.ts";
import { READING_FLAGS } from "./groups/reading-flags.ts";

const TABLES: readonly Flags[] = [EXPLODE_FLAGS, FINETUNE_FLAGS, PRUNE_FLAGS, JOB_FLAGS];

const WORDS: ReadonlyMap<string, string> = new Map(
  TABLES.flatMap((flags) => Object.values(flags)).flatMap((row) =>
    row.libraryNames.map((name) => [name, row.errorWords ?? longOf(row)] as const),
  ),
);

/** What an option of the libraries is called on the command line, in an error of this code; `undefined` for any other. */
export function wordsOf(libraryOption: string, code?: ErrorCode): string | undefined {
  // The libraries call the format of the input and that of the output the same.
  if (libraryOption === "format" && code === "INVALID_INPUT") return longOf(READING_FLAGS.from);
  return WORDS.get(libraryOption);
}

/** What to do where the libraries advise an option that the command line does not have. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ["columns", "write to a file with -o, or as JSON Lines with --to jsonl, or explode with --columns"],
]);

/** The advice that replaces the one of an error about an option of the libraries, which is its last clause. */
export function adviceInsteadOf(libraryOption: string): string | undefined {
  return INSTEAD.get(libraryOption);
}
