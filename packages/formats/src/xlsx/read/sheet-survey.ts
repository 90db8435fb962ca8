import { cellText } from "@parallel-parrot/core";
import { CellTypeFinder } from "../../columns/cell-type-finder.ts";
import { TEXT, type ColumnTypes } from "../../columns/column-type.ts";
import { nameColumns } from "../../columns/name-columns.ts";
import type { InputName } from "../../source/input-name.ts";
import { readCell, type CellContext, type TypedCell } from "./cell-reader.ts";
import type { StoredRow } from "./sheet-parser.ts";

/** What is known of a sheet once it was read. */
export interface SheetSurvey {
  /** The line of the header. */
  readonly headerLine: number;
  /** The columns that have a name or a cell: their places in the sheet, and what they are called. */
  readonly columns: ReadonlyMap<number, string>;
  readonly types: ColumnTypes;
}

/** Learns which columns a sheet has, and what lies in them, from its rows. */
export class SheetSurveyor {
  readonly #context: CellContext;
  #header: ReadonlyMap<number, string> | undefined;
  #headerLine = 0;
  /** The columns that have cells below the header. */
  readonly #filled = new Set<number>();
  readonly #finder = new CellTypeFinder();

  constructor(context: CellContext) {
    this.#context = context;
  }

  add(row: StoredRow): void {
    if (this.#header === undefined) {
      const header = headerOf(row, this.#context);
      if (header.size === 0) return;
      [this.#header, this.#headerLine] = [header, row.line];
      return;
    }
    for (const stored of row.cells) {
      const { cell, type } = readCell(stored, row.line, this.#context, ignore);
      if (isEmpty(cell)) continue;
      this.#filled.add(stored.column);
      this.#finder.add(String(stored.column), type);
    }
  }

  /** What was learnt; `undefined` for a sheet without a single cell. */
  result(name: InputName, duplicateHeaders: "rename" | "error"): SheetSurvey | undefined {
    const header = this.#header;
    if (header === undefined) return undefined;
    const places = [...new Set([...header.keys(), ...this.#filled])].toSorted((one, other) => one - other);
    // A column without a name is called by its place in the sheet.
    const given = Array.from({ length: (places.at(-1) ?? -1) + 1 }, (_, place) => header.get(place) ?? "");
    const names = nameColumns(given, duplicateHeaders, name, this.#headerLine);
    const columns = new Map(places.map((place) => [place, names[place] ?? ""]));
    const found = this.#finder.types;
    const types = [...columns].map(([place, column]) => [column, found.get(String(place)) ?? TEXT] as const);
    return { headerLine: this.#headerLine, columns, types: new Map(types) };
  }
}

/** Whether there is nothing to be seen in a cell. */
export function isEmpty(cell: unknown): boolean {
  return cell === null || cell === "";
}

function headerOf({ cells, line }: StoredRow, context: CellContext): ReadonlyMap<number, string> {
  const header = new Map<number, string>();
  for (const stored of cells) {
    const { cell }: TypedCell = readCell(stored, line, context, ignore);
    if (!isEmpty(cell)) header.set(stored.column, cellText(cell) ?? "");
  }
  return header;
}

function ignore(): void {}
