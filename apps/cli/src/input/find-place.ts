import { rowName } from "@parallel-parrot/core";
import type { RowSource } from "@parallel-parrot/formats";

/** Where a person finds a row. */
export interface FoundPlace {
  /** Its file, where there are several. */
  readonly file: string | undefined;
  /** Its line there, counted from 1, where that is known. */
  readonly line: number | undefined;
  /** Its number in that file, counted from 0, where that is not its number among all rows. */
  readonly rowInFile?: number | undefined;
}

/** Finds the rows of a source. */
export function findPlace(source: Pick<RowSource, "files" | "placeOf">, row: number): FoundPlace {
  const place = source.placeOf(row);
  const file = source.files.length > 1 ? place?.file : undefined;
  return {
    file,
    line: place?.line,
    rowInFile: file === undefined || place?.row === row ? undefined : place?.row,
  };
}

/** ` in b.csv on line 5`, or ` (row 4 in b.csv on line 5)` for a row with another number there; empty where nothing is known. */
export function describePlace({ file, line, rowInFile }: FoundPlace): string {
  const place = `${file === undefined ? "" : ` in ${file}`}${line === undefined ? "" : ` on line ${line}`}`;
  return rowInFile === undefined ? place : ` (${rowName(rowInFile)}${place})`;
}
