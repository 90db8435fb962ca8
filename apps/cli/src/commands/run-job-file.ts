import type { ExitCode } from "../exit-code.ts";
import { withJobOfFile } from "../job-file/with-job-of-file.ts";
import { generate } from "./generate.ts";

/** `parrot run` */
export async function runJobFile(
  file: string,
  inputs: readonly string[],
  typed: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  return withJobOfFile(file, inputs, typed, generate);
}
