import {
  flatMapStream,
  type Failed,
  type Item,
  type Parsed,
  type Row,
  type Stage,
} from "@parallel-parrot/core";
import { requireColumns } from "./check-option.ts";
import { explodeItem } from "./explode.ts";
import { explodeSettings, type ExactOptions, type ExplodeOptions } from "./explode-options.ts";
import type { ExplodedRow } from "./exploded-row.ts";
import { countFailures } from "./on-failure.ts";

/**
 * `explode` as a stage: each item gives zero, one or many rows. The types of the rows and of the outputs come from the
 * source.
 *
 * @throws ParrotError `INVALID_OPTION` at once; on the stream `ROW_FAILED`, `INVALID_OPTION` for a collision,
 * and `MISSING_COLUMN` where the first row lacks a column of `keep`
 */
export function explodeStream<R extends Row, T extends Row, const O extends ExplodeOptions<R> = {}>(
  options?: ExactOptions<O, NoInfer<R>>,
): Stage<Parsed<R, T> | Failed<R>, ExplodedRow<R, T, O>> {
  const failures = countFailures("drop");
  const settings = explodeSettings((options ?? {}) as ExplodeOptions, failures.add);
  const { keep } = settings;
  let isFirst = options?.checkFirstRow !== false;
  function explodeNext(item: Parsed | Failed): Iterable<Row> {
    if (isFirst && typeof keep !== "string") requireColumns("keep", item.row, keep);
    isFirst = false;
    return explodeItem(item, settings);
  }
  // `explodeItem` works on plain rows; the type says what it does with these rows and options.
  return flatMapStream(explodeNext, { onEnd: failures.warn, itemOf: itself }) as Stage<
    Parsed<R, T> | Failed<R>,
    ExplodedRow<R, T, O>
  >;
}

/** The outputs of an item are made of its own row of the input. */
function itself(item: Item): Item {
  return item;
}
