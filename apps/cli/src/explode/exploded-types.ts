import { isRecord } from "@parallel-parrot/core";
import type { ColumnType, ColumnTypes } from "@parallel-parrot/formats";
import { explodeColumn } from "@parallel-parrot/tidy";
import { columnOptions, type ExplodeFlags } from "./column-options.ts";

/**
 * The types of the columns of exploded rows: those of the input, where it has any, also of what its lists hold, and
 * otherwise those of the cells.
 */
export function explodedTypes(
  names: readonly string[],
  found: ColumnTypes | undefined,
  input: ColumnTypes | undefined,
  options: ExplodeFlags,
): ColumnTypes {
  const known = new Map(Object.entries(typesOfElements(input, options)));
  return new Map(names.map((name) => [name, known.get(name) ?? found?.get(name) ?? TEXT]));
}

const TEXT: ColumnType = { type: "text" };

/** The types of a row that is exploded, found as the row is: a list of objects gives each member its column. */
function typesOfElements(
  input: ColumnTypes | undefined,
  options: ExplodeFlags,
): Readonly<Record<string, ColumnType>> {
  if (input === undefined) return {};
  const { column } = options;
  const { [column]: given, ...others } = Object.fromEntries(input);
  const element = given?.type === "list" ? given.of : given;
  // Text holds JSON of any kind, whose types the cells tell.
  if (element === undefined || given?.type === "text" || given?.type === "json") return others;
  if (element.type !== "struct") return { ...others, [column]: element };
  const row = { ...others, [column]: [Object.fromEntries(element.fields)] };
  const [types = {}] = explodeColumn(row, { ...columnOptions(options), onFailure: "drop" });
  return Object.fromEntries(
    Object.entries(types).filter((entry): entry is [string, ColumnType] => isType(entry[1])),
  );
}

function isType(cell: unknown): cell is ColumnType {
  return isRecord(cell) && typeof cell["type"] === "string";
}
