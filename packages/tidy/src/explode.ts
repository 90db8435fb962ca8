import {
  counted,
  faultOf,
  isFailed,
  isParrotError,
  rowName,
  setCell,
  type Failed,
  type Parsed,
  type Row,
} from "@parallel-parrot/core";
import { addCells, resolveCollisions, type Renamed } from "./collision.ts";
import {
  explodeSettings,
  type ExactOptions,
  type ExplodeOptions,
  type ExplodeSettings,
} from "./explode-options.ts";
import type { ExplodedRow } from "./exploded-row.ts";
import { newOutputTest } from "./new-output-test.ts";
import { failedItem, settleFailure } from "./on-failure.ts";

/**
 * Makes one row of each output of an item: first the columns of the input, then those of the output. The outputs of all
 * choices come one after the other.
 *
 * @throws ParrotError `ROW_FAILED` for a failed item or too many outputs, unless `onFailure` says otherwise;
 * `INVALID_OPTION`
 */
export function explode<R extends Row, T extends Row, const O extends ExplodeOptions<R> = {}>(
  item: Parsed<R, T> | Failed<R>,
  options?: ExactOptions<O, NoInfer<R>>,
): Generator<ExplodedRow<R, T, O>> {
  const settings = explodeSettings((options ?? {}) as ExplodeOptions, "throw");
  // `explodeItem` works on plain rows; the type says what it does with this row and these options.
  return iterate(item, settings) as Generator<ExplodedRow<R, T, O>>;
}

function* iterate(item: Parsed | Failed, settings: ExplodeSettings): Generator<Row> {
  yield* explodeItem(item, settings);
}

/** {@linkcode explode} with checked options. */
export function explodeItem(item: Parsed | Failed, settings: ExplodeSettings): Iterable<Row> {
  if (isFailed(item)) return explodeFailed(item, settings);
  let count = 0;
  for (const outputs of item.outputs) count += outputs.length;
  if (count > settings.maxOutputsPerRow) {
    const message = `Cannot explode ${rowName(item.index)}: it has ${counted(count, "output")}, and maxOutputsPerRow allows ${settings.maxOutputsPerRow}`;
    return explodeFailed(failedItem(item.row, item.index, "TOO_MANY_OUTPUTS", message), settings);
  }
  try {
    if (item.passes === true) return [passedRow(item, settings)];
    if (count > 0) return explodeOutputs(withMappedCells(item, settings), settings);
    return settings.empty === "null" ? [nullRow(item, settings.columns ?? item.columns, settings)] : [];
  } catch (error) {
    // Such as a collision, where the option collision is "error".
    if (isParrotError(error)) throw error;
    return explodeFailed(faultOf(item, "tidy", error), settings);
  }
}

function withMappedCells(item: Parsed, { mapCell }: ExplodeSettings): Parsed {
  if (mapCell === undefined) return item;
  const mapRow = (output: Row): Row =>
    Object.fromEntries(Object.entries(output).map(([column, cell]) => [column, mapCell(cell)]));
  return { ...item, outputs: item.outputs.map((choice) => choice.map(mapRow)) };
}

/** Does everything that can throw before it gives the first row: nothing of a failed row is in the output. */
function explodeOutputs(item: Parsed, settings: ExplodeSettings): Iterable<Row> {
  const build = rowBuilder(item, settings);
  const isNew = settings.dedupe ? newOutputTest(item.outputs) : () => true;
  return outputRows(item, build, { isNew, onDuplicate: settings.onDuplicate });
}

interface Duplicates extends Pick<ExplodeSettings, "onDuplicate"> {
  readonly isNew: (output: Row) => boolean;
}

function* outputRows(item: Parsed, build: RowBuilder, { isNew, onDuplicate }: Duplicates): Generator<Row> {
  for (const [choice, outputs] of item.outputs.entries()) {
    for (const [number, output] of outputs.entries()) {
      if (isNew(output)) yield build(output, choice, number);
      else onDuplicate?.();
    }
  }
}

function explodeFailed(failed: Failed, settings: ExplodeSettings): Iterable<Row> {
  const isKept = settleFailure(failed, settings.onFailure, "drop") === "null";
  return isKept ? [nullRow(failed, settings.columns ?? [], settings)] : [];
}

function nullRow(item: Parsed | Failed, columns: readonly string[], settings: ExplodeSettings): Row {
  const nulls = Object.fromEntries(columns.map((column) => [column, null]));
  const { index, row } = item;
  const warnings = isFailed(item) ? [] : item.warnings;
  return rowBuilder({ index, row, columns, outputs: [], warnings }, settings)(nulls, null, null);
}

/** A row that was not asked: with its own cells, also in columns that answers would overwrite. */
function passedRow(item: Parsed, settings: ExplodeSettings): Row {
  const { collision } = settings;
  return nullRow(item, settings.columns ?? item.columns, {
    ...settings,
    collision: collision === "overwrite" ? "keep" : collision,
  });
}

type RowBuilder = (cells: Row, choice: number | null, number: number | null) => Row;

/** Names are decided once for an item, so that all its rows have the same columns. */
function rowBuilder(item: Parsed, { keep, collision, lineage }: ExplodeSettings): RowBuilder {
  const { index, row } = item;
  const kept = keepColumns(row, keep);
  const isKept = (column: string): boolean => Object.hasOwn(kept, column);
  if (lineage === undefined) {
    if (!hasAdded(item, isKept)) return (cells) => ({ ...kept, ...cells });
    const renamed = resolveCollisions(collision, addedColumns(item), isKept, index);
    return (cells) => {
      const exploded = { ...kept };
      addCells(exploded, cells, renamed);
      return exploded;
    };
  }
  const added = addedColumns(item);
  const renamed = resolveCollisions(collision, added, isKept, index);
  const names = [lineage.row, lineage.choice, lineage.item, lineage.warnings];
  const warnings = codesOf(item);
  const final = finalNames(added, renamed);
  const isTaken = (column: string): boolean => isKept(column) || final.has(column);
  const renamedLineage = resolveCollisions(collision, new Set(names), isTaken, index);
  return (cells, choice, number) => {
    const exploded = { ...kept };
    addCells(exploded, cells, renamed);
    const origin = Object.fromEntries([
      [lineage.row, index],
      [lineage.choice, choice],
      [lineage.item, number],
      [lineage.warnings, warnings],
    ]);
    addCells(exploded, origin, renamedLineage);
    return exploded;
  };
}

/** The codes of an item's warnings, each once; null where there are none. */
function codesOf({ warnings }: Parsed): string | null {
  return warnings.length === 0 ? null : [...new Set(warnings.map(({ code }) => code))].join(",");
}

type Added = Pick<Parsed, "columns" | "outputs">;

/** Whether any added column is one of these. Most rows have no collision, and need no list of their columns. */
function hasAdded({ columns, outputs }: Added, isOne: (column: string) => boolean): boolean {
  return (
    columns.some(isOne) || outputs.some((list) => list.some((output) => Object.keys(output).some(isOne)))
  );
}

function addedColumns({ columns, outputs }: Added): ReadonlySet<string> {
  const added = new Set(columns);
  for (const output of outputs.flat()) for (const column of Object.keys(output)) added.add(column);
  return added;
}

function finalNames(added: ReadonlySet<string>, renamed: Renamed): ReadonlySet<string> {
  return new Set([...added].map((column) => renamed.get(column) ?? column));
}

function keepColumns(row: Row, keep: ExplodeSettings["keep"]): Row {
  if (keep === "all") return row;
  const kept: Row = {};
  if (keep === "none") return kept;
  for (const column of keep) if (Object.hasOwn(row, column)) setCell(kept, column, row[column]);
  return kept;
}
