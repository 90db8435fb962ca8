import { isParrotError, type Row } from "@parallel-parrot/core";
import {
  ColumnTypeFinder,
  type ColumnTypes,
  type InputDigest,
  type RowSource,
} from "@parallel-parrot/formats";
import { forEach } from "./for-each.ts";
import { delimiterError } from "./delimiter-error.ts";
import type { RowInput } from "./row-input.ts";
import { SeenColumns } from "./seen-columns.ts";

/** What is known of an input after it was read once. */
export interface Scan {
  /** All columns, in order of their first appearance; `undefined` where there are too many to remember. */
  readonly columns: readonly string[] | undefined;
  /** The types of the columns; absent where they were not to be found. */
  readonly types?: ColumnTypes;
}

/** What to find besides. */
interface ScanOptions {
  /** Whether to find the types of columns whose cells have types of their own. @default false */
  readonly findsTypes?: boolean;
  /** Is given each row, and the source that tells where it is from. @default nothing is done with it */
  readonly onRow?: (row: Row, source: RowSource) => void;
  /** Gets the digest of the input. @default nothing is hashed */
  readonly onDigest?: (digest: InputDigest) => void;
}

/**
 * Reads a whole input once, before anything is paid for. That gives the columns for the header, and finds a broken line
 * far down. `undefined` for an input that can be read only once, such as a pipe.
 */
export async function scanInput(
  input: RowInput,
  { findsTypes = false, onRow, onDigest }: ScanOptions = {},
): Promise<Scan | undefined> {
  if (!(await input.canBeReadAgain())) return undefined;
  const source = input.open(onDigest === undefined ? {} : { onDigest });
  const header = await source.columns();
  const columns = new SeenColumns(header);
  const known = findsTypes ? await source.columnTypes() : undefined;
  const finder = findsTypes && known === undefined ? new ColumnTypeFinder() : undefined;
  const seen = forEach<Row>((row) => {
    columns.add(row);
    onRow?.(row, source);
    // There is no table of more columns than are remembered.
    if (!columns.areTooMany) finder?.add(row);
  });
  await source.pipeTo(seen).catch((error: unknown) => {
    const isBroken = isParrotError(error) && error.code === "INVALID_INPUT" && error.option !== "encoding";
    throw (isBroken ? delimiterError(input.name, header ?? [], error) : undefined) ?? error;
  });
  const types = finder?.types ?? known;
  return { columns: columns.all, ...(types === undefined ? {} : { types }) };
}
