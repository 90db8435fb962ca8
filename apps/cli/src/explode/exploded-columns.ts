import { getCell, type Row } from "@parallel-parrot/core";
import { ColumnTypeFinder, type ColumnTypes } from "@parallel-parrot/formats";
import { explodeColumnStream } from "@parallel-parrot/tidy";
import { forEach } from "../input/for-each.ts";
import type { RowInput } from "../input/row-input.ts";
import { SeenColumns } from "../input/seen-columns.ts";
import { columnOptions, type ExplodeFlags } from "./column-options.ts";

/** What is known of the exploded rows beforehand. */
export interface Exploded {
  /** Their columns in order, with the types that their cells have. */
  readonly types: ColumnTypes;
  /** Whether the column whose cells became rows holds nothing, as all elements are objects. */
  readonly isColumnEmpty: boolean;
}

/**
 * Finds the columns of the exploded rows, by exploding the input once beforehand; `undefined` for an input that can be
 * read only once, or has too many.
 *
 * @param isEmptyInAll whether the exploded column holds nothing in all inputs, of which this is one
 */
export async function explodedColumns(
  input: RowInput,
  known: ReadonlySet<string>,
  options: ExplodeFlags,
  isEmptyInAll?: boolean,
): Promise<Exploded | undefined> {
  if (!(await input.canBeReadAgain())) return undefined;
  const { column } = options;
  const onFailure = options.onFailure === "stop" ? "drop" : options.onFailure;
  const exploded = explodeColumnStream<Row>({
    ...columnOptions(options),
    checkFirstRow: false,
    onFailure: () => onFailure,
    onWarning: () => undefined,
  });
  const columns = new SeenColumns();
  const finder = new ColumnTypeFinder();
  let isColumnEmpty = true;
  await input
    .open()
    .pipeThrough(exploded)
    .pipeTo(
      forEach<Row>((row) => {
        columns.add(row);
        if (!columns.areTooMany) finder.add(row);
        isColumnEmpty &&= (getCell(row, column) ?? null) === null;
      }),
    );
  if (columns.areTooMany) return undefined;
  const types = new Map(finder.types);
  // Where no element has a column of its own, the empty column is all that there is of them.
  const hasOwn = [...types.keys()].some((name) => name !== column && !known.has(name));
  const isDropped = isEmptyInAll ?? (isColumnEmpty && hasOwn && types.has(column));
  if (isDropped) types.delete(column);
  return { types, isColumnEmpty: isDropped };
}
