import { flatMapStream, type Row, type Stage } from "@parallel-parrot/core";
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
  let index = -1;
  let isFound = false;
  let lastRow: Row | undefined;
  return flatMapStream(
    (row: R) => {
      isFound ||= Object.hasOwn(row, settings.column);
      lastRow = row;
      index += 1;
      return explodeCell(row, settings, index);
    },
    () => {
      failures.warn();
      if (lastRow !== undefined && !isFound) warnNotFound(settings.column, lastRow);
    },
  );
}

function warnNotFound(column: string, row: Row): void {
  process.emitWarning(
    `Nothing was exploded: no row has the column ${JSON.stringify(column)}; the last row's columns are ${columnList(row)}`,
    "ParrotWarning",
  );
}
