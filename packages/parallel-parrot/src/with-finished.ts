import { counted, isParrotError, ParrotError, type Row } from "@parallel-parrot/core";

/** The same error with the rows that were finished before it. */
export function withFinished(error: Error, finished: readonly Row[]): Error {
  if (finished.length === 0 || !isParrotError(error)) return error;
  const message = `${error.message} (${counted(finished.length, "row was", "rows were")} finished before; the error's property finished has them)`;
  return new ParrotError(error.code, message, {
    cause: error,
    finished,
    ...(error.row === undefined ? {} : { row: error.row }),
    ...(error.option === undefined ? {} : { option: error.option }),
  });
}
