import { ParrotError, quote, rowName, type Row } from "@parallel-parrot/core";

/** Makes sure that no row has one of the columns that are added to it. It has to be given each row in turn. */
export function apartTest(option: string, added: readonly string[]): (row: Row) => void {
  let index = -1;
  return (row) => {
    index += 1;
    const column = added.find((name) => Object.hasOwn(row, name));
    if (column === undefined) return;
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot use the option ${option}: ${rowName(index)} has a column ${quote(column)} already; rename one of the two`,
      { option, column, row: index },
    );
  };
}
