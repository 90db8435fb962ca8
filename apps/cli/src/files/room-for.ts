import { cellText, ParrotError, rowName, type Row } from "@parallel-parrot/core";
import { traitsOf, type Format } from "@parallel-parrot/formats";

/**
 * What refuses a row of the input that the format of the output cannot hold, before anything is paid for; `undefined`
 * for a format that holds any. @throws ParrotError `INVALID_INPUT` that names the row and the column
 */
export function roomFor(to: Format, input: string): ((row: Row, index: number) => void) | undefined {
  const { limits } = traitsOf(to);
  if (limits === undefined) return undefined;
  const refuse = (index: number, problem: string, column?: string): never => {
    throw new ParrotError(
      "INVALID_INPUT",
      `${input} does not fit into ${to}: ${problem}; choose another format with --to or the name of the output`,
      { file: input, row: index, ...(column === undefined ? {} : { column }), option: "--to" },
    );
  };
  return (row, index) => {
    if (index >= limits.rows) refuse(index, `it has more than ${limits.rows} rows`);
    for (const [column, cell] of Object.entries(row)) {
      if (typeof cell === "number" || cell === null) continue;
      const length = cellText(cell)?.length ?? 0;
      if (length > limits.cellLength)
        refuse(
          index,
          `column "${column}" of ${rowName(index)} has ${length} characters, and a cell holds ${limits.cellLength}`,
          column,
        );
    }
  };
}
