import type { PromptStreamOptions } from "@parallel-parrot/template";
import type { RunOptions } from "./run-options.ts";

/** What the options of the command line say to `promptStream`. */
export function promptOptions(
  { imageFolder, onContext }: RunOptions,
  checkFirstRow: boolean,
): PromptStreamOptions {
  const canShorten = onContext === "truncate";
  return { checkFirstRow, canShorten, ...(imageFolder === undefined ? {} : { imageFolder }) };
}
