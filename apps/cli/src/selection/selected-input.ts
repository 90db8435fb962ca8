import type { Row } from "@parallel-parrot/core";
import type { RowSource } from "@parallel-parrot/formats";
import type { SelectionOptions } from "../flags/options.ts";
import type { RowInput } from "../input/row-input.ts";
import { leavesOut, Selection } from "./selection.ts";

/** So many of the rows that were read last are known by their number in the input. */
const MOST_KNOWN = 131_072;

/** An input of which some rows are selected. */
export interface SelectedInput extends RowInput {
  open(): SelectedSource;
}

/** The selected rows. They know where they are in the input. */
export interface SelectedSource extends RowSource {
  /** `undefined` where all rows are read. */
  readonly selection: Selection | undefined;
  /** All rows of the input. */
  readonly whole: Pick<RowSource, "files" | "placeOf">;
  /** The number that a selected row has in the input, by its number among those selected. */
  rowOf(position: number): number;
}

/** The rows of an input that options select, for commands that ask nobody. */
export function selectedInput(input: RowInput, options: SelectionOptions): SelectedInput {
  return { ...input, open: () => selectedSource(input.open(), options) };
}

function selectedSource(source: RowSource, options: SelectionOptions): SelectedSource {
  if (!leavesOut(options))
    return Object.assign(source, {
      selection: undefined,
      whole: source,
      rowOf: (position: number) => position,
    });
  const selection = new Selection(options);
  const numbers = new Map<number, number>();
  let count = 0;
  const rows = selection.rowsOf(source).pipeThrough(
    new TransformStream<Row, Row>({
      transform(row, controller) {
        numbers.set(count, selection.rowIndex(count));
        numbers.delete(count - MOST_KNOWN);
        count += 1;
        controller.enqueue(row);
      },
    }),
  );
  const rowOf = (position: number): number => numbers.get(position) ?? position;
  return Object.assign(rows, {
    selection,
    whole: source,
    rowOf,
    placeOf: (position: number) => source.placeOf(rowOf(position)),
    lineOf: (position: number) => source.lineOf(rowOf(position)),
    file: source.file,
    files: source.files,
    notes: source.notes,
    layout: () => source.layout(),
    columns: () => source.columns(),
    columnTypes: () => source.columnTypes(),
  });
}
