import { ParrotError } from "@parallel-parrot/core";

/** What cannot be opened as a journal. */
export function unusable(path: string, problem: string, cause?: unknown): ParrotError {
  return new ParrotError("JOURNAL_UNUSABLE", `Cannot use ${path} as a journal: ${problem}`, {
    file: path,
    option: "journal",
    cause,
  });
}

/** What goes wrong while a journal is in use. */
export function failed(path: string, problem: string, cause?: unknown): ParrotError {
  return new ParrotError(
    "JOURNAL_FAILED",
    `The journal ${path} failed: ${problem}. What it has kept is safe: put that right and run again`,
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
