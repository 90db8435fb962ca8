import { transformStreamFrom, type Row, type Stage } from "@parallel-parrot/core";
import { columnList } from "./check-option.ts";
import { explodeCell, explodeColumnSettings, type ExplodeColumnOptions } from "./explode-column.ts";
import { countFailures } from "./on-failure.ts";

/**
 * `explodeColumn` as a stage. Where no row at all has the column, one process warning says so at the end.
 *
 * @throws ParrotError `INVALID_OPTION` at once; on the stream `ROW_FAILED`, `INVALID_OPTION` for a collision
 */
export function explodeColumnStream<R extends Row>(options: ExplodeColumnOptions<NoInfer<R>>): Stage<R, Row> {
  const failures = countFailures();
  const settings = explodeColumnSettings(options as ExplodeColumnOptions, failures.add);
  return transformStreamFrom(async function* (rows: AsyncIterable<R>) {
    let index = 0;
    let isFound = false;
    let lastRow: Row | undefined;
    for await (const row of rows) {
      isFound ||= Object.hasOwn(row, settings.column);
      lastRow = row;
      yield* explodeCell(row, settings, index);
      index += 1;
    }
    failures.warn();
    if (lastRow !== undefined && !isFound) warnNotFound(settings.column, lastRow);
  });
}

function warnNotFound(column: string, row: Row): void {
  process.emitWarning(
    `Nothing was exploded: no row has the column ${JSON.stringify(column)}; the last row's columns are ${columnList(row)}`,
    "ParrotWarning",
  );
}
