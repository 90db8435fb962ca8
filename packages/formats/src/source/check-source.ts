import {
  aFunction,
  checkArgument,
  checkOptions,
  expecting,
  isObject,
  oneOf,
  required,
  wholeNumber,
  type OptionCheck,
  type OptionChecks,
} from "@parallel-parrot/core";
import { isPath } from "../path-checks.ts";
import type { SourceOptions } from "./row-source.ts";

/** What the options of every source may be. */
export const SOURCE_OPTIONS: OptionChecks<SourceOptions> = {
  compression: oneOf("none", "gzip", "zstd"),
  maxRecordBytes: wholeNumber(1),
  onDigest: aFunction,
};

const anInput: OptionCheck = required(
  expecting(
    'a path, a file URL, "-" or a stream of bytes or text',
    (value) => isPath(value) || (isObject(value) && Symbol.asyncIterator in value),
  ),
  "a path, a file URL or a stream",
);

/** Checks what a source is called with. @throws ParrotError `INVALID_OPTION` that names the option */
export function checkSource(
  caller: string,
  input: unknown,
  options: unknown,
  checks: OptionChecks<object>,
): void {
  checkArgument(caller, "input", input, anInput);
  checkOptions(caller, options, checks);
}
