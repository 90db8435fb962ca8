import { traitsOf, type ColumnTypes, type CsvLayout, type Format } from "@parallel-parrot/formats";
import type { RowInput } from "./row-input.ts";
import { readOnce } from "../output/output-files.ts";
import { scanInput } from "./scan-input.ts";

/** What is known of the rows of an input before they are written. */
export interface KnownRows {
  /** The format of the input, and how its text is written. */
  readonly format: Format | undefined;
  readonly layout: CsvLayout | undefined;
  /** All columns, where they can be known beforehand. */
  readonly columns: readonly string[] | undefined;
  /** Their types, for an output whose format has types. */
  readonly types: ColumnTypes | undefined;
}

/** Reads what has to be known of an input that has an output of its own, which is then as if it were the only one. */
export async function ownRows(input: RowInput, to: Format): Promise<KnownRows> {
  const scan = await scanInput(input, { findsTypes: traitsOf(to).hasTypes });
  if (scan === undefined) throw readOnce(input.name);
  const { columns, types } = scan;
  return { format: input.format, layout: await layoutOf(input), columns, types };
}

async function layoutOf(input: RowInput): Promise<CsvLayout | undefined> {
  const source = input.open();
  try {
    return await source.layout();
  } finally {
    await source.cancel();
  }
}
