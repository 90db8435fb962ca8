import { ParrotError, rowName, type Item, type Row } from "@parallel-parrot/core";

/** A row that a sink could not write, such as one with a circular reference. */
export interface UnwritableRow {
  readonly row: Row;
  /** 0-based place among the rows that the sink was given. */
  readonly index: number;
  /** The row of the input that it was made of; known where it comes straight from a stage that explodes. */
  readonly item: Item | undefined;
  /** What was thrown. */
  readonly error: unknown;
}

/** Called with each row that cannot be written. A row that it gives back is written in its place. */
export type OnUnwritable = (
  unwritable: UnwritableRow,
) => Row | undefined | void | Promise<Row | undefined | void>;

/** A cell that has no form: in any format, such as one with a circular reference, or in one of the format's types. */
export class UnwritableCell extends TypeError {
  readonly column: string | undefined;
  /** What it cannot be written as. */
  readonly form: string;

  constructor(cause: unknown, column?: string, form = "JSON") {
    const what = column === undefined ? "it" : `its column "${column}"`;
    super(`${what} cannot be written as ${form}: ${reasonOf(cause)}`, { cause });
    this.column = column;
    this.form = form;
  }
}

/** The error of a stream that ends with a row that cannot be written. */
export function notWritten(error: unknown, row: number): unknown {
  if (!(error instanceof UnwritableCell)) return error;
  const { column, cause, form } = error;
  const where = column === undefined ? rowName(row) : `column "${column}" of ${rowName(row)}`;
  return new ParrotError("INVALID_INPUT", `Cannot write ${where} as ${form}: ${reasonOf(cause)}`, {
    row,
    ...(column === undefined ? {} : { column }),
    cause,
  });
}

/** The first line of a message: V8 draws a circle over several. */
function reasonOf(error: unknown): string {
  const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n", 1);
  return reason;
}
