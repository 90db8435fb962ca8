import { ParrotError } from "@parallel-parrot/core";
import type { Format } from "@parallel-parrot/formats";

/** A format with types needs them before the first row, and this input can be read only once. */
export function typesUnknown(input: string, to: Format): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    `Cannot write ${to} of ${input}: it can be read only once, and the types of its columns are needed before its first row; save it as a file and name that, or choose --to jsonl`,
    { option: "--to" },
  );
}
