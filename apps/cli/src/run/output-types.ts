import type { Row } from "@parallel-parrot/core";
import { columnTypesOf, type ColumnType, type ColumnTypes } from "@parallel-parrot/formats";
import { explode, type ExplodeOptions } from "@parallel-parrot/tidy";
import type { RunOptions } from "../job/run-options.ts";

const [TEXT, INTEGER]: readonly [ColumnType, ColumnType] = [
  { type: "text" },
  { type: "integer", bits: 64, signed: true },
];

/**
 * The columns of the output with their types, in order. They are found as the rows are made: a row whose cells are the
 * types of the input is joined with an answer whose cells are the types of the output.
 */
export function outputTypes(
  input: ColumnTypes,
  {
    wanted,
    onCollision,
    lineage,
    columns,
  }: Pick<RunOptions, "wanted" | "onCollision" | "lineage" | "columns">,
): ColumnTypes {
  const answer: Row = Object.fromEntries(columnTypesOf(wanted));
  const item = {
    index: 0,
    row: Object.fromEntries(input),
    columns: wanted.columns,
    outputs: [[answer]],
    warnings: [],
  };
  const options: ExplodeOptions = { collision: onCollision, lineage, keep: columns ?? "all" };
  const [types = {}] = explode(item, options);
  // A number is where the row is; the warnings of the row are null, and otherwise text.
  const named = Object.entries(types).map(
    ([column, type]) => [column, isType(type) ? type : typeof type === "number" ? INTEGER : TEXT] as const,
  );
  // The columns of the input keep their order, which an object would not keep for one called 2020.
  const byName = new Map(named);
  return new Map([...[...(columns ?? input.keys())].flatMap((name) => entryOf(byName, name)), ...named]);
}

function entryOf(types: ColumnTypes, name: string): readonly (readonly [string, ColumnType])[] {
  const type = types.get(name);
  return type === undefined ? [] : [[name, type]];
}

function isType(value: unknown): value is ColumnType {
  return typeof value === "object" && value !== null && "type" in value;
}
