import { type Output, type Row } from "@parallel-parrot/core";
import { columnTypesOf, type ColumnType, type FrameColumn } from "@parallel-parrot/formats";
import { explode, type ExplodeOptions } from "@parallel-parrot/tidy";

/** What decides about the columns of the rows that come out. */
export interface FrameColumnOptions extends Pick<
  ExplodeOptions,
  "keep" | "lineage" | "collision" | "mapCell"
> {
  readonly output: Output;
}

/** What stands in for a cell: the column of the input that it is of, or its type. */
type Mark = { readonly from: string } | { readonly type: ColumnType };

const [TEXT, INTEGER]: readonly [ColumnType, ColumnType] = [
  { type: "text" },
  { type: "integer", bits: 64, signed: true },
];

/**
 * The columns that come out of an input with these. They are found as the rows are made: a row of marks is joined with
 * an answer of marks.
 */
export function frameColumns(input: readonly string[], options: FrameColumnOptions): FrameColumn[] {
  const { output, mapCell, keep = "all", lineage = false, collision = "suffix" } = options;
  const row: Row = Object.fromEntries(input.map((from): [string, Mark] => [from, { from }]));
  // What `mapCell` makes of a cell may be of any type.
  const types = [...columnTypesOf(output)].map(([name, type]): [string, Mark] => [
    name,
    { type: mapCell === undefined ? type : TEXT },
  ]);
  const answer: Row = Object.fromEntries(types);
  const item = { index: 0, row, columns: output.columns, outputs: [[answer]], warnings: [] };
  const [made = {}] = explode(item, { keep, lineage, collision });
  const columns = Object.entries(made).map(([name, mark]): FrameColumn => {
    if (isMark(mark)) return Object.assign({ name }, mark);
    // A number tells where the row is; the warnings of the row are null, and otherwise text.
    return { name, type: typeof mark === "number" ? INTEGER : TEXT };
  });
  // An object puts a column like 2020 first.
  const place = ({ name }: FrameColumn): number =>
    input.includes(name) ? input.indexOf(name) : input.length;
  return columns.toSorted((a, b) => place(a) - place(b));
}

function isMark(value: unknown): value is Mark {
  return typeof value === "object" && value !== null && ("from" in value || "type" in value);
}
