/** One record of a table: column name → cell. Plain data; every own key is a column, `__proto__` included. */
export type Row = Record<string, unknown>;

/**
 * A user's own object type as a row. A type declared as an `interface` has no index signature and so is no
 * {@linkcode Row} by itself; its columns are. Of `object`, no column is known.
 */
export type AsRow<T> = T extends unknown
  ? [keyof T] extends [never]
    ? Row
    : Extract<{ [Column in keyof T]: T[Column] }, Row>
  : never;

/**
 * Sets a cell as an own property whatever the column is called. A plain `row[column] = cell` loses a
 * column named `__proto__`; object spread and `Object.fromEntries` do not.
 */
export function setCell(row: Row, column: string, cell: unknown): void {
  if (column === "__proto__") {
    Object.defineProperty(row, column, { value: cell, writable: true, enumerable: true, configurable: true });
  } else {
    row[column] = cell;
  }
}

/** The cell of a column, or `undefined` where the row has no such column of its own. */
export function getCell(row: Row, column: string): unknown {
  return Object.hasOwn(row, column) ? row[column] : undefined;
}
