import { isParrotError, ParrotError } from "@parallel-parrot/core";

/** The error of an output that cannot be written. */
export function unwritable(path: string, problem: unknown): ParrotError {
  const text = problem instanceof Error ? problem.message : String(problem);
  return new ParrotError("OUTPUT_UNWRITABLE", `Cannot write ${path}: ${text}`, {
    file: path,
    ...(problem instanceof Error ? { cause: problem } : {}),
  });
}

/** A system error as an error of its output; an error of ours as it is. */
export function asUnwritable(path: string, error: unknown): unknown {
  return isParrotError(error) ? error : unwritable(path, error);
}

/** An error of ours that also tells where rows are; any other error as it is. */
export function withRemains(error: unknown, remains: string): unknown {
  if (!isParrotError(error)) return error;
  const { code, message, file, line, row, column, option, cause } = error;
  const details = Object.entries({ file, line, row, column, option, cause });
  return new ParrotError(
    code,
    `${message}; ${remains}`,
    Object.fromEntries(details.filter(([, value]) => value !== undefined)),
  );
}

/** The error of an output that exists already. */
export function outputExists(path: string, kept?: string): ParrotError {
  const finished = kept === undefined ? "" : `; the finished rows are in ${kept}`;
  return new ParrotError(
    "OUTPUT_EXISTS",
    `Cannot write ${path}: it exists already${finished}; choose another name, or set the option overwrite: true to replace it`,
    { file: path, option: "overwrite" },
  );
}

/** The error of an output that is a link: what it leads to is a file that nobody has named. */
export function outputElsewhere(path: string, target: string): ParrotError {
  return new ParrotError(
    "OUTPUT_EXISTS",
    `Cannot write ${path}: it is a link to ${target}, outside its folder; to replace that file, name it as the output`,
    { file: path },
  );
}

/** The error of a partial file that exists already: the rows in it may have been paid for. */
export function partialExists(path: string): ParrotError {
  return new ParrotError(
    "OUTPUT_EXISTS",
    `Cannot write ${path}: it exists already and may hold rows of an earlier run; move it away, or set the option replacePartial: true to replace it`,
    { file: path, option: "replacePartial" },
  );
}
