import { counted, ParrotError, shellWord } from "@parallel-parrot/core";
import type { RunSummary } from "./journal.ts";

/** SQLite's words for a damaged file, and for one that is not an SQLite file or has lost its beginning. */
const [MALFORMED, NO_DATABASE] = ["database disk image is malformed", "file is not a database"];

const READ_ONLY =
  "the file or its folder is read-only, and SQLite needs to write to both even to read; copy the journal to a folder of your own";

/** SQLite's words for what it cannot do, and what to do about it. */
const ADVICE: Readonly<Record<string, string>> = {
  [NO_DATABASE]: "it is not a journal, or is badly damaged; name another file, or move this one away",
  "attempt to write a readonly database": READ_ONLY,
  "unable to open database file": READ_ONLY,
};

/** The error of a file that cannot be opened as a journal. */
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

/** The error of a journal that fails while it is in use. */
export function failed(path: string, problem: string, cause?: unknown): ParrotError {
  if (problem === MALFORMED || isOutOfRange(cause)) return damaged(path, cause);
  return new ParrotError(
    "JOURNAL_FAILED",
    `The journal ${path} failed: ${problem}. What it has kept is safe: correct this and run again`,
    { file: path, cause },
  );
}

/** The error of a journal whose file was removed or replaced since it was opened. */
export function moved(path: string): ParrotError {
  return new ParrotError(
    "JOURNAL_FAILED",
    `The journal ${path} was removed or replaced while it was in use, so no more requests are sent. Everything it held is written to a new file when the run ends`,
    { file: path },
  );
}

/** The error of a journal that has runs of somebody else. */
export function foreign(path: string, runs: readonly RunSummary[], version: number): ParrotError {
  const requests = runs.reduce((sum, { usage }) => sum + usage.requests, 0);
  const [first = 0, ...others] = runs.map(({ id }) => id);
  const which = others.length === 0 ? `run ${first}` : `runs ${[first, ...others.slice(0, 4)].join(", ")}`;
  const more = others.length > 4 ? ` and ${counted(others.length - 4, "other")}` : "";
  const whose =
    version < 2
      ? "a version of this program that did not sign answers has written them, or somebody else has"
      : "somebody else has written them, or you have on another machine or as another user, or they were changed";
  return new ParrotError(
    "JOURNAL_FOREIGN",
    `The journal ${path} has answers that may not be yours: ${which}${more} with ${counted(requests, "request")}, not signed by you; ${whose}. Nothing was sent. If you know where they come from, set the option adopt: true to sign their answers as your own; otherwise name another journal`,
    { file: path, option: "adopt" },
  );
}

function damaged(path: string, cause: unknown): ParrotError {
  return new ParrotError(
    "JOURNAL_UNUSABLE",
    `The journal ${path} is damaged: move it away with the files beside it that begin with its name, and run again. To see what can still be read of it: sqlite3 ${shellWord(path)} .recover`,
    { file: path, cause },
  );
}

/** The error of a wrong option of a function of this package. */
export function invalid(option: string, problem: string): ParrotError {
  return new ParrotError("INVALID_OPTION", problem, { option });
}

/** Whether a stored number is larger than any that was ever kept. */
export function isOutOfRange(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_OUT_OF_RANGE";
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
