import {
  aFunction,
  aText,
  checkArgument,
  checkOptions,
  expecting,
  isObject,
  ParrotError,
  required,
  wholeNumber,
  type OptionCheck,
  type OptionChecks,
} from "@parallel-parrot/core";
import { aCompression } from "../compression.ts";
import { isPath } from "../path-checks.ts";
import type { Input } from "./read-input.ts";
import type { SourceOptions } from "./row-source.ts";

/** What the options of every source may be. */
export const SOURCE_OPTIONS: OptionChecks<SourceOptions> = {
  compression: aCompression,
  encoding: aText,
  maxRecordBytes: wholeNumber(1),
  onDigest: aFunction,
};

function isInput(value: unknown): boolean {
  return isPath(value) || (isObject(value) && Symbol.asyncIterator in value);
}

const anInput: OptionCheck = required(
  expecting('a path, a file URL, "-" or a stream of bytes or text', isInput),
  "a path, a file URL or a stream",
);

const inputs: OptionCheck = required(
  expecting(
    'a path, a file URL, "-", a stream of bytes or text, or a list of at least one of these',
    (value) => (Array.isArray(value) ? value.length > 0 && value.every(isInput) : isInput(value)),
  ),
  "a path, a file URL or a stream, or a list of these",
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

/** {@linkcode checkSource} for one input or a list of them. */
export function checkSources(
  caller: string,
  input: Input | readonly Input[],
  options: unknown,
  checks: OptionChecks<object>,
): readonly Input[] {
  checkArgument(caller, "input", input, inputs);
  checkOptions(caller, options, checks);
  const all = isList(input) ? input : [input];
  if (all.filter((each) => each === "-").length > 1)
    throw new ParrotError("INVALID_OPTION", 'Cannot read standard input twice: name "-" once', {
      option: "input",
    });
  return all;
}

function isList(input: Input | readonly Input[]): input is readonly Input[] {
  return Array.isArray(input);
}
