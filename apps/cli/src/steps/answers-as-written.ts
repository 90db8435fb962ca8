import { mapStream, setCell, type Row } from "@parallel-parrot/core";
import type { FormulaGuard } from "../output/formula-guard.ts";

/**
 * The rows with answers as a spreadsheet may read them. It comes behind the last step, as the steps ask with answers as they
 * came. Cells in columns of the input stay as they are.
 */
export function answersAsWritten(
  rows: ReadableStream<Row>,
  formulas: FormulaGuard | undefined,
  inputColumns: readonly string[] | undefined,
): ReadableStream<Row> {
  const mapCell = formulas?.mapCell;
  if (mapCell === undefined) return rows;
  const own = new Set(inputColumns);
  return rows.pipeThrough(
    mapStream((row: Row) => {
      for (const [column, cell] of Object.entries(row))
        if (!own.has(column)) setCell(row, column, mapCell(cell));
      return row;
    }),
  );
}
