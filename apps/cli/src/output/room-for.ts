import { cellText, getCell, ParrotError, rowName, type Row } from "@parallel-parrot/core";
import { traitsOf, type Format } from "@parallel-parrot/formats";

/** Refuses what the format of the output cannot hold, before anything is paid for. */
interface Room {
  /** @throws ParrotError `INVALID_INPUT` that names the row and the column */
  requireCells(row: Row, index: number): void;
  /** @throws ParrotError `INVALID_INPUT` where there are more rows of the input than the output holds */
  requireRows(count: number): void;
}

/**
 * The room that an output has; `undefined` for a format that holds anything.
 *
 * @param columns the columns that are kept in the output. @default all
 */
export function roomFor(to: Format, input: string, columns?: readonly string[]): Room | undefined {
  const { limits } = traitsOf(to);
  if (limits === undefined) return undefined;
  const refuse = (
    problem: string,
    place: { readonly row?: number; readonly column?: string } = {},
  ): never => {
    throw new ParrotError(
      "INVALID_INPUT",
      `${input} does not fit into ${to}: ${problem}; choose another format with --to or the name of the output`,
      { ...place, option: "--to" },
    );
  };
  return {
    requireCells(row, index) {
      for (const column of columns ?? Object.keys(row)) {
        const cell = getCell(row, column);
        if (typeof cell === "number" || cell === null) continue;
        const length = cellText(cell)?.length ?? 0;
        if (length > limits.cellLength)
          refuse(
            `column "${column}" of ${rowName(index)} has ${length} characters, and a cell holds ${limits.cellLength}`,
            { row: index, column },
          );
      }
    },
    requireRows(count) {
      if (count > limits.rows)
        refuse(`${count} rows are asked, and a sheet holds ${limits.rows} besides its header`);
    },
  };
}
