import type { PromptStreamOptions } from "@parallel-parrot/template";
import type { RunOptions } from "./run-options.ts";

/** What the options of the command line say to `promptStream`. */
export function promptOptions({ imageFolder }: RunOptions, checkFirstRow: boolean): PromptStreamOptions {
  return { checkFirstRow, ...(imageFolder === undefined ? {} : { imageFolder }) };
}
