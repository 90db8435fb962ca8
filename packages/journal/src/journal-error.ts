import { ParrotError } from "@parallel-parrot/core";

/** SQLite's words for a file that is damaged, and for one that never was its own or has lost its beginning. */
const [MALFORMED, NO_DATABASE] = ["database disk image is malformed", "file is not a database"];

const READ_ONLY =
  "neither the file nor its folder may be read only, also to look into it; copy it to a folder of your own";

/** SQLite's words for what it cannot do, and what to do about it. */
const ADVICE: Readonly<Record<string, string>> = {
  [NO_DATABASE]: "it is no journal, or badly damaged; name another file, or move it away",
  "attempt to write a readonly database": READ_ONLY,
  "unable to open database file": READ_ONLY,
};

/** What cannot be opened as a journal. */
export function unusable(path: string, problem: string, cause?: unknown): ParrotError {
  if (problem === MALFORMED) return damaged(path, cause);
  return new ParrotError(
    "JOURNAL_UNUSABLE",
    `Cannot use ${path} as a journal: ${ADVICE[problem] ?? problem}`,
    {
      file: path,
      option: "journal",
      cause,
    },
  );
}

/** What goes wrong while a journal is in use. */
export function failed(path: string, problem: string, cause?: unknown): ParrotError {
  if (problem === MALFORMED) return damaged(path, cause);
  return new ParrotError(
    "JOURNAL_FAILED",
    `The journal ${path} failed: ${problem}. What it has kept is safe: put that right and run again`,
    { file: path, cause },
  );
}

function damaged(path: string, cause: unknown): ParrotError {
  return new ParrotError(
    "JOURNAL_UNUSABLE",
    `The journal ${path} is damaged: move it away, with its companions, and run again. What can still be read of it: sqlite3 ${path} .recover`,
    { file: path, cause },
  );
}

/** Wrong options of a function of this package. */
export function invalid(option: string, problem: string): ParrotError {
  return new ParrotError("INVALID_OPTION", problem, { option });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
