import type { PromptStreamOptions } from "@parallel-parrot/template";
import type { EarlierAsking } from "@parallel-parrot/transport";
import type { RunOptions } from "../flags/run-options.ts";

/** What the options of the command line say to `promptStream`; `earlier` are other ways in which rows were asked. */
export function promptOptions(
  { imageFolder, onContext }: RunOptions,
  checkFirstRow: boolean,
  earlier: readonly EarlierAsking[] = [],
): PromptStreamOptions {
  const canShorten = [{ onContext }, ...earlier].some((each) => each.onContext === "truncate");
  return { checkFirstRow, canShorten, ...(imageFolder === undefined ? {} : { imageFolder }) };
}
