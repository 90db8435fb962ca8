import { isParrotError, ParrotError } from "@parallel-parrot/core";
import type { RowInput } from "./row-input.ts";

/**
 * Checks the columns of an input, and of several those of each: rows of one that lacks a column would all fail.
 * @param columns all of them; some may be of no input, as they are added to the rows
 */
export async function checkHeaders(
  input: RowInput,
  columns: readonly string[] | undefined,
  check: (name: string, columns: readonly string[] | undefined) => void | Promise<void>,
): Promise<void> {
  await check(input.name, columns);
  const headers = await input.headers();
  const own = new Set(headers.flatMap((header) => header.columns));
  const added = columns?.filter((column) => !own.has(column)) ?? [];
  for (const header of headers) {
    try {
      await check(header.name, [...header.columns, ...added]);
    } catch (error) {
      throw namingInput(error, header.name);
    }
  }
}

/** An error that says in which of several inputs it was found. */
function namingInput(error: unknown, name: string): unknown {
  if (!isParrotError(error) || error.message.includes(name)) return error;
  const { code, message, cause, option, column } = error;
  return new ParrotError(code, `${message} in ${name}`, {
    cause,
    file: name,
    ...(option === undefined ? {} : { option }),
    ...(column === undefined ? {} : { column }),
  });
}
