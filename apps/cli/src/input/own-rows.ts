import { traitsOf, type ColumnTypes, type CsvLayout, type Format } from "@parallel-parrot/formats";
import type { RowInput } from "./row-input.ts";
import { readOnce } from "../output/output-files.ts";
import { scanInput } from "./scan-input.ts";
import { SeenColumns } from "./seen-columns.ts";

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

/**
 * Finds out what has to be known of an input that has an output of its own, which is then as if it were the only one.
 * An input without a header is read to its end for that.
 */
export async function ownRows(input: RowInput, to: Format): Promise<KnownRows> {
  const { hasTypes } = traitsOf(to);
  const known = await knownByHeader(input, hasTypes);
  if (known.columns !== undefined) return { ...known, columns: new SeenColumns(known.columns).all };
  const scan = await scanInput(input, { findsTypes: hasTypes });
  if (scan === undefined) throw readOnce(input.name);
  return { ...known, columns: scan.columns, types: scan.types };
}

async function knownByHeader(input: RowInput, hasTypes: boolean): Promise<KnownRows> {
  const source = input.open();
  try {
    return {
      format: input.format,
      layout: await source.layout(),
      columns: await source.columns(),
      types: hasTypes ? await source.columnTypes() : undefined,
    };
  } finally {
    await source.cancel();
  }
}
