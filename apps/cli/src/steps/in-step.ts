import { ParrotError, isParrotError, quote } from "@parallel-parrot/core";
import type { RunOptions } from "../job/run-options.ts";

const steps = new WeakMap<Error, string>();

/** Does what concerns one step of a job. An error says which. */
export async function inStep<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isParrotError(error) ? ofStep(error, name) : error;
  }
}

/** Does what concerns the first step, which an error names where there are others. */
export async function inFirstStep(
  { name = "", later }: Pick<RunOptions, "name" | "later">,
  work: () => void,
): Promise<void> {
  if (later === undefined) work();
  else await inStep(name, work);
}

/** The step that an error was found in; `undefined` where it concerns the whole, or a job of one step. */
export function stepOf(error: ParrotError): string | undefined {
  return steps.get(error);
}

function ofStep(error: ParrotError, name: string): ParrotError {
  const { code, message, cause, option, column, file, row } = error;
  const named = new ParrotError(code, `Step ${quote(name)}: ${message}`, {
    cause,
    ...(option === undefined ? {} : { option }),
    ...(column === undefined ? {} : { column }),
    ...(file === undefined ? {} : { file }),
    ...(row === undefined ? {} : { row }),
  });
  steps.set(named, name);
  return named;
}
