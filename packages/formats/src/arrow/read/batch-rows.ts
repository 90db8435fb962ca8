import { setCell, type Row } from "@parallel-parrot/core";
import type { CellNumbers } from "../../source/long-numbers.ts";
import type { ArrowBatch } from "../ipc/arrow-array.ts";
import type { ArrowField } from "../ipc/arrow-field.ts";
import { cellsOf } from "./cells-of.ts";
import type { CellAt } from "./number-cells.ts";
import { RowAllowance } from "./row-allowance.ts";

/** Makes the rows of a record batch, one by one. */
export class BatchRows {
  readonly length: number;
  readonly #columns: readonly (readonly [name: string, cell: CellAt])[];
  readonly #allowance = new RowAllowance();

  constructor(fields: readonly ArrowField[], { length, columns }: ArrowBatch, numbers: CellNumbers) {
    this.length = length;
    const context = { ...numbers, allowance: this.#allowance };
    this.#columns = columns.flatMap((column, place) => {
      const field = fields[place];
      return field === undefined ? [] : [[field.name, cellsOf(field, column, context)] as const];
    });
  }

  /** About how much memory the row takes that was made last. */
  get lastSize(): number {
    return this.#allowance.size;
  }

  /** Throws where the row is damaged, or too large. */
  at(place: number): Row {
    this.#allowance.begin();
    const row: Row = {};
    for (const [name, cell] of this.#columns) setCell(row, name, cell(place));
    return row;
  }
}
