import { counted, flatMapStream, type Row, type Stage } from "@parallel-parrot/core";
import { requireColumns } from "./check-option.ts";
import {
  explodeCell,
  explodeColumnSettings,
  type ColumnWarning,
  type ExplodeColumnOptions,
} from "./explode-column.ts";
import { countFailures } from "./on-failure.ts";

/** Options for {@linkcode explodeColumnStream}. */
export interface ExplodeColumnStreamOptions<R extends Row = Row> extends ExplodeColumnOptions<R> {
  /**
   * Whether the run fails at once when the first row lacks the column. Turn it off for rows that do not all have the
   * same columns. @default true
   */
  readonly checkFirstRow?: boolean;
  /**
   * The 0-based number of a row in messages and failures, by its position among those that come; it is asked once for
   * each, in their order. For rows of which others were left out. @default the position
   */
  readonly rowIndex?: (position: number) => number;
}

/**
 * `explodeColumn` as a stage.
 *
 * @throws ParrotError `INVALID_OPTION` at once; on the stream `MISSING_COLUMN` for the first row, `ROW_FAILED`,
 * `INVALID_OPTION` for a collision
 */
export function explodeColumnStream<R extends Row>(
  options: ExplodeColumnStreamOptions<NoInfer<R>>,
): Stage<R, Row> {
  const failures = countFailures("keep");
  const warnings = countWarnings();
  const { checkFirstRow = true, rowIndex = (position) => position, ...columnOptions } = options;
  const settings = explodeColumnSettings(columnOptions as ExplodeColumnOptions, {
    onFailure: failures.add,
    onWarning: warnings.add,
  });
  let position = -1;
  let index = -1;
  return flatMapStream(
    (row: R) => {
      if (position === 0 && checkFirstRow) requireColumns("column", row, [settings.column]);
      return explodeCell(row, settings, index);
    },
    {
      onEnd() {
        failures.warn();
        warnings.warn();
      },
      // This is called for each row before it is exploded.
      itemOf(row) {
        position += 1;
        index = rowIndex(position);
        return { index, row };
      },
    },
  );
}

const WORDS: Readonly<Record<ColumnWarning["code"], string>> = {
  REPAIRED: "a cell that is not valid JSON and was repaired",
  ROUNDED: "a number with more digits than JavaScript's numbers hold, which was rounded",
  NO_COLUMN: "no such column and were read as an empty list",
};

/** Counts warnings for a stream without an `onWarning`, which emits one process warning of each kind at its end. */
function countWarnings(): { readonly add: (warning: ColumnWarning) => void; readonly warn: () => void } {
  const counts = new Map<ColumnWarning["code"], { readonly first: string; count: number }>();
  return {
    add({ code, message }) {
      const known = counts.get(code);
      if (known === undefined) counts.set(code, { first: message, count: 1 });
      else known.count += 1;
    },
    warn() {
      for (const [code, { first, count }] of counts)
        process.emitWarning(
          `${counted(count, "row has", "rows have")} ${WORDS[code]}; the first: ${first}`,
          "ParrotWarning",
        );
    },
  };
}
