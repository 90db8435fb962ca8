import { isParrotError } from "@parallel-parrot/core";
import type { InputDigest } from "@parallel-parrot/formats";
import type { Manifest } from "@parallel-parrot/journal";

/** A file that a run has written, with the digest that it had then. */
export interface WrittenFile extends InputDigest {
  readonly path: string;
}

/** The files in a run's manifest: all that it has written, in that order. */
export function filesOf({ files }: Manifest): readonly WrittenFile[] {
  return Array.isArray(files) ? files.filter((file) => isWrittenFile(file)) : [];
}

function isWrittenFile(file: unknown): file is WrittenFile {
  return (
    typeof file === "object" &&
    file !== null &&
    "path" in file &&
    typeof file.path === "string" &&
    "sha256" in file
  );
}

/** The result of a run, as its journal keeps it. */
export interface RunResult {
  readonly answered: number;
  readonly failed: number;
  /** What of that is of the first step, where there are several; `null` where there are not. */
  readonly firstStep: Pick<RunResult, "answered" | "failed"> | null;
  /** Rows of the output. */
  readonly rows: number;
  /** Why it ended early. */
  readonly stopped: string | null;
  /** Whether it ended with exit code 2: no row was answered, and there is nothing to go on with. */
  readonly isRefused: boolean;
  /** Requests that were sent, those that brought no answer included; `null` for a run of an earlier version. */
  readonly requests: number | null;
  /** How long it took, the last time that it was begun; `null` for a run of an earlier version. */
  readonly ms: number | null;
  readonly output: WrittenFile | null;
  /** The files of the output: one, those of its splits, or those of a dataset. */
  readonly outputs: readonly WrittenFile[];
  readonly failedRows: WrittenFile | null;
}

/** The result in a run's manifest; `undefined` for a run that has not ended. */
export function resultOf({ result }: Manifest): RunResult | undefined {
  if (typeof result !== "object" || result === null) return undefined;
  const { answered, failed, firstStep, rows, stopped, isRefused, requests, ms, output, outputs, failedRows } =
    result as Partial<RunResult>;
  // A stranger's may be of any type.
  if (typeof answered !== "number" || typeof failed !== "number" || typeof rows !== "number")
    return undefined;
  return {
    answered,
    failed,
    firstStep:
      typeof firstStep?.answered === "number" && typeof firstStep.failed === "number" ? firstStep : null,
    rows,
    stopped: typeof stopped === "string" ? stopped : null,
    isRefused: isRefused === true,
    requests: typeof requests === "number" ? requests : null,
    ms: typeof ms === "number" ? ms : null,
    output: isWrittenFile(output) ? output : null,
    outputs: Array.isArray(outputs)
      ? outputs.filter((file) => isWrittenFile(file))
      : isWrittenFile(output)
        ? [output]
        : [],
    failedRows: isWrittenFile(failedRows) ? failedRows : null,
  };
}

/** A result that has written nothing. */
const NOTHING: RunResult = {
  answered: 0,
  failed: 0,
  firstStep: null,
  rows: 0,
  stopped: null,
  isRefused: false,
  requests: null,
  ms: null,
  output: null,
  outputs: [],
  failedRows: null,
};

/** The result of a run that was refused before its first row: nothing was asked and nothing was written. */
export function refusedResult(stopped: string): RunResult {
  return { ...NOTHING, stopped, isRefused: true };
}

/** The result of a preview, an estimate or a later step, which writes nothing. */
export function trialResult(
  counts: Pick<RunResult, "answered" | "failed" | "requests"> &
    Partial<Pick<RunResult, "ms" | "stopped" | "firstStep">>,
): RunResult {
  return { ...NOTHING, ...counts };
}

/** Why a run ended early, for its journal. */
export function reasonOf(error: unknown): string {
  if (isParrotError(error)) return error.code;
  return error instanceof Error ? error.message : "unknown";
}
