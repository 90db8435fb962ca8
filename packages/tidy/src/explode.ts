import { isFailed, setCell, type Failed, type Parsed, type Row } from "@parallel-parrot/core";
import { canonicalJson } from "./canonical-json.ts";
import { addCells, resolveCollisions, type Renamed } from "./collision.ts";
import {
  explodeSettings,
  type ExactOptions,
  type ExplodeOptions,
  type ExplodeSettings,
} from "./explode-options.ts";
import type { ExplodedRow } from "./exploded-row.ts";
import { failedItem, settleFailure } from "./on-failure.ts";

/**
 * Makes one row of each output of an item: the input's columns, then the output's. Choices are merged, in
 * order.
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
  return explodeItem(item, settings) as Generator<ExplodedRow<R, T, O>>;
}

/** {@linkcode explode} with checked options. */
export function* explodeItem(item: Parsed | Failed, settings: ExplodeSettings): Generator<Row> {
  if (isFailed(item)) {
    yield* explodeFailed(item, settings);
    return;
  }
  const count = item.outputs.reduce((sum, outputs) => sum + outputs.length, 0);
  if (count > settings.maxOutputsPerRow) {
    const message = `Cannot explode row ${item.index}: ${count} outputs, at most ${settings.maxOutputsPerRow} are allowed`;
    yield* explodeFailed(failedItem(item.row, item.index, "TOO_MANY_OUTPUTS", message), settings);
    return;
  }
  if (count === 0) {
    if (settings.empty === "null") yield nullRow(item, settings.columns ?? item.columns, settings);
    return;
  }
  yield* explodeOutputs(item, settings);
}

function* explodeOutputs(item: Parsed, settings: ExplodeSettings): Generator<Row> {
  const added = new Set(item.columns);
  for (const outputs of item.outputs) {
    for (const output of outputs) for (const column of Object.keys(output)) added.add(column);
  }
  const build = rowBuilder(item, added, settings);
  const seen = new Set<string>();
  for (const [choice, outputs] of item.outputs.entries()) {
    for (const [number, output] of outputs.entries()) {
      if (settings.dedupe) {
        const before = seen.size;
        if (seen.add(canonicalJson(output)).size === before) continue;
      }
      yield build(output, choice, number);
    }
  }
}

function* explodeFailed(failed: Failed, settings: ExplodeSettings): Generator<Row> {
  if (settleFailure(failed, settings.onFailure)) yield nullRow(failed, settings.columns ?? [], settings);
}

function nullRow(item: Parsed | Failed, columns: readonly string[], settings: ExplodeSettings): Row {
  const nulls = Object.fromEntries(columns.map((column) => [column, null]));
  return rowBuilder(item, new Set(columns), settings)(nulls, null, null);
}

type RowBuilder = (cells: Row, choice: number | null, number: number | null) => Row;

/** Names are settled once for an item, so that all its rows have the same columns. */
function rowBuilder(
  { index, row }: Parsed | Failed,
  added: ReadonlySet<string>,
  { keep, collision, lineage }: ExplodeSettings,
): RowBuilder {
  const kept = keepColumns(row, keep);
  const isKept = (column: string): boolean => Object.hasOwn(kept, column);
  const renamed = resolveCollisions(collision, added, isKept, index);
  if (lineage === undefined) {
    return (cells) => {
      const exploded = { ...kept };
      addCells(exploded, cells, renamed);
      return exploded;
    };
  }
  const names = [lineage.row, lineage.choice, lineage.item];
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
    ]);
    addCells(exploded, origin, renamedLineage);
    return exploded;
  };
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
