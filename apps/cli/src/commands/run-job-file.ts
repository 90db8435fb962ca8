import type { ExitCode } from "../exit-code.ts";
import { jobOfFile } from "../job-file/job-of-file.ts";
import { generate } from "./generate.ts";

/** `parrot run` */
export async function runJobFile(
  file: string,
  inputs: readonly string[],
  typed: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  return generate(await jobOfFile(file, inputs, typed));
}
