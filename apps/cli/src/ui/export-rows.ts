import { setCell, type Parsed, type Row } from "@parallel-parrot/core";
import { ColumnTypeFinder, openSink, traitsOf } from "@parallel-parrot/formats";
import { explode, type ExplodeOptions } from "@parallel-parrot/tidy";
import type { ExportedRow, ExportFormat } from "@parallel-parrot/ui";
import type { RunOptions } from "../job/run-options.ts";
import { FormulaGuard } from "../output/formula-guard.ts";

/** How a run has written its rows. */
type Written = Pick<RunOptions, "wanted" | "onCollision" | "columns" | "escapeFormulas">;

/** Columns that are added where a row has something in them. */
const ADDED = ["failure", "label", "note"] as const;
type Added = (typeof ADDED)[number];

/** Writes rows as the output of their run has them, and with why they failed and what a person has said of them. */
export async function exportRows(
  rows: () => AsyncIterable<ExportedRow>,
  { format, options }: { readonly format: ExportFormat; readonly options: Written },
  into: WritableStream<Uint8Array>,
): Promise<void> {
  const guard = new FormulaGuard(format, options);
  // The columns of a table and their types have to be known before its first row.
  const finder = new ColumnTypeFinder();
  const used = new Set<Added>();
  for await (const row of rows())
    for (const made of rowsOf(row, options, guard)) {
      finder.add(made);
      for (const column of ADDED) if (addedCells(row, guard)[column] !== undefined) used.add(column);
    }
  const { types } = finder;
  const names = new Map([...used].map((column) => [column, freeName(column, types)] as const));
  const columns = [...types.keys(), ...ADDED.flatMap((column) => names.get(column) ?? [])];
  const columnTypes = new Map(columns.map((name) => [name, types.get(name) ?? { type: "text" as const }]));
  const sink = await openSink(into, {
    format,
    ...(traitsOf(format).hasTypes ? { columnTypes } : traitsOf(format).isTable ? { columns } : {}),
    // Formulas are escaped in answers alone: cells of the input stay as they are.
    escapeFormulas: false,
  });
  await ReadableStream.from(written(rows(), { options, guard, names })).pipeTo(sink);
}

interface Writing {
  readonly options: Written;
  readonly guard: FormulaGuard;
  readonly names: ReadonlyMap<Added, string>;
}

async function* written(
  rows: AsyncIterable<ExportedRow>,
  { options, guard, names }: Writing,
): AsyncGenerator<Row> {
  for await (const row of rows) {
    const added = addedCells(row, guard);
    for (const made of rowsOf(row, options, guard)) {
      for (const [column, name] of names) setCell(made, name, added[column] ?? null);
      yield made;
    }
  }
}

/** The rows that one becomes: one for each of its outputs, and one with nulls where it has none. */
function rowsOf(
  read: ExportedRow,
  { wanted, onCollision, columns }: Written,
  guard: FormulaGuard,
): Iterable<Row> {
  const { index, row, outputs, warnings } = read;
  const item: Parsed = { index, row, columns: wanted.columns, outputs, warnings };
  const { mapCell } = guard;
  const options: ExplodeOptions = {
    collision: onCollision,
    keep: columns ?? "all",
    checkFirstRow: false,
    ...(mapCell === undefined ? {} : { mapCell }),
  };
  return explode(item, options) as Iterable<Row>;
}

function addedCells({ failure, label }: ExportedRow, guard: FormulaGuard): Readonly<Record<Added, unknown>> {
  const text = failure === undefined ? undefined : `${failure.code}: ${failure.message}`;
  return { failure: guard.cell(text), label: label?.verdict, note: guard.cell(label?.note) };
}

/** `label`, or `label_2` where the rows have such a column. */
function freeName(name: string, taken: ReadonlyMap<string, unknown>): string {
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name}_${number}`;
  return free;
}
