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
  /** Rows of the output. */
  readonly rows: number;
  /** Why it ended early. */
  readonly stopped: string | null;
  readonly output: WrittenFile | null;
  /** The files of the output: one, those of its splits, or those of a dataset. */
  readonly outputs: readonly WrittenFile[];
  readonly failedRows: WrittenFile | null;
}

/** The result in a run's manifest; `undefined` for a run that has not ended. */
export function resultOf({ result }: Manifest): RunResult | undefined {
  if (typeof result !== "object" || result === null) return undefined;
  const { answered, failed, rows, stopped, output, outputs, failedRows } = result as Partial<RunResult>;
  // A stranger's may be of any type.
  if (typeof answered !== "number" || typeof failed !== "number" || typeof rows !== "number")
    return undefined;
  return {
    answered,
    failed,
    rows,
    stopped: typeof stopped === "string" ? stopped : null,
    output: isWrittenFile(output) ? output : null,
    outputs: Array.isArray(outputs)
      ? outputs.filter((file) => isWrittenFile(file))
      : isWrittenFile(output)
        ? [output]
        : [],
    failedRows: isWrittenFile(failedRows) ? failedRows : null,
  };
}
