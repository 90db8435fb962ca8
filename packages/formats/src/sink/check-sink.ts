import {
  aBoolean,
  aFunction,
  checkArgument,
  checkOptions,
  expecting,
  isObject,
  required,
  texts,
  type OptionCheck,
  type OptionChecks,
} from "@parallel-parrot/core";
import { anOutputCompression } from "../compression.ts";
import { aPath, isPath } from "../path-checks.ts";
import type { SinkOptions } from "./row-sink.ts";

/** What the options of every sink may be. */
export const SINK_OPTIONS: OptionChecks<SinkOptions> = {
  columns: texts,
  compression: anOutputCompression,
  overwrite: aBoolean,
  partial: aPath,
  replacePartial: aBoolean,
  beforeNaming: aFunction,
  onUnwritable: aFunction,
};

const aTarget: OptionCheck = required(
  expecting(
    'a path, a file URL, "-" or a stream of bytes',
    (value) => isPath(value) || (isObject(value) && "getWriter" in value),
  ),
  "a path, a file URL or a stream",
);

/** Checks what a sink is called with. @throws ParrotError `INVALID_OPTION` that names the option */
export function checkSink(
  caller: string,
  target: unknown,
  options: unknown,
  checks: OptionChecks<object> = SINK_OPTIONS,
): void {
  checkArgument(caller, "target", target, aTarget);
  checkOptions(caller, options, checks);
}
