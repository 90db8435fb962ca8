import { stat } from "node:fs/promises";
import type { Row } from "@parallel-parrot/core";
import { openSource, type InputDigest, type OpenSourceOptions } from "@parallel-parrot/formats";
import { forEach } from "./for-each.ts";

/** What a first pass over an input tells. */
export interface Scan {
  readonly rows: number;
  /** All columns, in order of their first appearance. */
  readonly columns: readonly string[];
  readonly digest: InputDigest | undefined;
}

/** A file with more columns has none that are worth an order. */
const MAX_COLUMNS = 10_000;

/**
 * Reads a whole input file once, before anything is paid for: it gives the number of rows for the progress bar
 * and the columns for the header, and a broken line far down is told now. `undefined` for what can be read only
 * once, such as a pipe.
 */
export async function scanInput(input: string, options: OpenSourceOptions): Promise<Scan | undefined> {
  if (input === "-") return undefined;
  // A file that is not there is for the source to tell.
  const status = await stat(input).catch(() => undefined);
  if (status !== undefined && !status.isFile() && !status.isDirectory()) return undefined;
  let digest: InputDigest | undefined;
  const source = openSource(input, {
    ...options,
    onDigest: (whole) => {
      digest = whole;
    },
  });
  const columns = new Set(await source.columns());
  let rows = 0;
  await source.pipeTo(
    forEach<Row>((row) => {
      rows += 1;
      if (columns.size < MAX_COLUMNS) for (const column of Object.keys(row)) columns.add(column);
    }),
  );
  return { rows, columns: [...columns], digest };
}
