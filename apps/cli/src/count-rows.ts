import { stat } from "node:fs/promises";
import { openSource, type Format } from "@parallel-parrot/formats";

/**
 * Reads a whole input file once, before anything is paid for: it gives the number of rows for the progress bar,
 * and a broken line far down is told now. `undefined` for what can be read only once, such as a pipe.
 */
export async function countRows(input: string, format: Format): Promise<number | undefined> {
  if (input === "-") return undefined;
  // A file that is not there is for the source to tell.
  const status = await stat(input).catch(() => undefined);
  if (status !== undefined && !status.isFile() && !status.isDirectory()) return undefined;
  let count = 0;
  for await (const _row of openSource(input, { format })) count += 1;
  return count;
}
