import { counted, ParrotError, stringifyJson, type Row } from "@parallel-parrot/core";
import {
  ColumnTypeFinder,
  isAddress,
  shownAddress,
  type ColumnTypes,
  type InputDigest,
} from "@parallel-parrot/formats";
import type { ReadingOptions } from "../flags/options.ts";
import { rowInput } from "../input/row-input.ts";
import { SeenColumns } from "../input/seen-columns.ts";

/** A table that the rows of the input are crossed with. It is held in memory. */
export interface CrossTable {
  readonly file: string;
  readonly rows: readonly Row[];
  readonly columns: readonly string[];
  readonly types: ColumnTypes;
  readonly digest: InputDigest;
}

const MAX_ROWS = 100_000;
/** Characters of JSON, which take two to four times as many bytes of memory. */
const MAX_CHARACTERS = 128 * 2 ** 20;

/**
 * Reads a table that `--cross` names, as the input is read, in the format of its own name.
 *
 * @throws ParrotError `INVALID_OPTION` where it is too large or has no rows, besides what reading it finds
 */
export async function readCrossTable(file: string, options: ReadingOptions): Promise<CrossTable> {
  // A journal keeps the name, and that of an address may have a signature in it.
  if (isAddress(file))
    throw invalidTable(shownAddress(file), "save it as a file of this machine and name that");
  if (file === "-")
    throw invalidTable(file, "it has to be a file; read the input from standard input instead");
  let digest: InputDigest | undefined;
  const input = await rowInput([file], { ...options, from: undefined, sourceColumn: undefined });
  const source = input.open({
    onDigest: (whole) => {
      digest = whole;
    },
  });
  const columns = new SeenColumns(await source.columns());
  const known = await source.columnTypes();
  const finder = new ColumnTypeFinder();
  const rows: Row[] = [];
  let characters = 0;
  for await (const row of source) {
    rows.push(row);
    columns.add(row);
    if (known === undefined && !columns.areTooMany) finder.add(row);
    characters += stringifyJson(row)?.length ?? 0;
    if (rows.length > MAX_ROWS || characters > MAX_CHARACTERS)
      throw invalidTable(
        file,
        `it is held in memory, and may have ${counted(MAX_ROWS, "row")} and 128 MiB; make it the input, and cross it with the smaller file`,
      );
  }
  if (columns.all === undefined) throw invalidTable(file, "it has too many columns");
  if (rows.length === 0 || digest === undefined)
    throw invalidTable(file, "it has no rows, so that no row would be asked");
  return { file, rows, columns: columns.all, types: known ?? finder.types, digest };
}

function invalidTable(file: string, why: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot cross the rows with ${file}: ${why}`, {
    file,
    option: "--cross",
  });
}
