import type { RowSource } from "@parallel-parrot/formats";

/**
 * Reads a whole input once, before anything is paid for: it gives the number of rows for the progress bar, and a
 * broken line far down is told now.
 */
export async function countRows(source: RowSource): Promise<number> {
  let count = 0;
  for await (const _row of source) count += 1;
  return count;
}
