import type { RowSource } from "@parallel-parrot/formats";

/** Where a person finds a row. */
export interface FoundPlace {
  /** Its file, where there are several. */
  readonly file: string | undefined;
  /** Its line there, counted from 1, where that is known. */
  readonly line: number | undefined;
}

/** Finds the rows of a source. */
export function findPlace(source: Pick<RowSource, "files" | "placeOf">, row: number): FoundPlace {
  const place = source.placeOf(row);
  return { file: source.files.length > 1 ? place?.file : undefined, line: place?.line };
}

/** ` in b.csv on line 5`; empty where nothing is known. */
export function describePlace({ file, line }: FoundPlace): string {
  return `${file === undefined ? "" : ` in ${file}`}${line === undefined ? "" : ` on line ${line}`}`;
}
