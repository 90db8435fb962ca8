import { EXPLODE_FLAGS, FINETUNE_FLAGS, PRUNE_FLAGS } from "./command-flags.ts";
import { longOf, type Flags } from "./flag.ts";
import { JOB_FLAGS } from "./job-flags.ts";

const TABLES: readonly Flags[] = [EXPLODE_FLAGS, FINETUNE_FLAGS, PRUNE_FLAGS, JOB_FLAGS];

const WORDS: ReadonlyMap<string, string> = new Map(
  TABLES.flatMap((flags) => Object.values(flags)).flatMap((row) =>
    row.libraryNames.map((name) => [name, row.errorWords ?? longOf(row)] as const),
  ),
);

/** What an option of the libraries is called on the command line; `undefined` for any other. */
export function wordsOf(libraryOption: string): string | undefined {
  return WORDS.get(libraryOption);
}
