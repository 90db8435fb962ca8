import {
  aBoolean,
  aFunction,
  checkArgument,
  checkOptions,
  counted,
  expecting,
  flatMapStream,
  missingColumns,
  type OptionCheck,
  type OptionChecks,
  type Row,
  type Stage,
} from "@parallel-parrot/core";
import { columnsMissingOf } from "./condition/condition.ts";
import { compileCondition } from "./condition/compile-condition.ts";

/** Options for {@linkcode where} and {@linkcode whereStream}. */
export interface WhereOptions<R extends Row = Row> {
  /**
   * Whether it fails at once when the first row lacks a column that the condition names. Turn it off for rows that do
   * not all have the same columns. @default true
   */
  readonly checkFirstRow?: boolean;
  /**
   * Is told of each row in which the condition compares or calculates with what is no number, such as `age > 18` where
   * the age is `n/a`. That part of the condition is false.
   * @default one process warning at the end, with their number
   */
  readonly onIncomparable?: (row: R) => void;
}

/**
 * Keeps the rows for which a condition is true: a function, or a text such as `age >= 18 && lang in ["de", "en"]`. No
 * code is made of the text, which reaches nothing but the cells of the row.
 *
 * @throws ParrotError `INVALID_OPTION`; `MISSING_COLUMN` where the first row lacks a column
 */
export function where<R extends Row>(
  rows: Iterable<R>,
  condition: string | ((row: R) => boolean),
  options: WhereOptions<NoInfer<R>> = {},
): Generator<R> {
  return keptRows(rows, rowTest<R>(condition, options));
}

/** {@linkcode where} as a stage. */
export function whereStream<R extends Row>(
  condition: string | ((row: R) => boolean),
  options: WhereOptions<NoInfer<R>> = {},
): Stage<R, R> {
  const { isKept, onEnd } = rowTest<R>(condition, options);
  return flatMapStream((row: R) => (isKept(row) ? [row] : []), { onEnd });
}

function* keptRows<R>(rows: Iterable<R>, { isKept, onEnd }: RowTest<R>): Generator<R> {
  for (const row of rows) if (isKept(row)) yield row;
  onEnd();
}

/** A condition that is ready for the rows of one run. */
export interface RowTest<R> {
  readonly isKept: (row: R) => boolean;
  readonly onEnd: () => void;
}

/** The check of a condition. */
export const A_CONDITION: OptionCheck = expecting(
  'a text such as age >= 18 && lang == "de", or a function of the row',
  (value) => typeof value === "string" || typeof value === "function",
);

const WHERE_OPTIONS: OptionChecks<WhereOptions> = { checkFirstRow: aBoolean, onIncomparable: aFunction };

/** Makes ready what {@linkcode where} goes by. `onEnd` is to be called when there are no more rows. */
export function rowTest<R extends Row>(
  condition: string | ((row: R) => boolean),
  options: WhereOptions<R> = {},
): RowTest<R> {
  checkArgument("where", "condition", condition, A_CONDITION);
  checkOptions("where", options, WHERE_OPTIONS);
  if (typeof condition === "function") return { isKept: condition, onEnd: () => undefined };
  const { checkFirstRow = true, onIncomparable } = options;
  const compiled = compileCondition(condition);
  let isFirst = checkFirstRow;
  let odd = 0;
  let index = -1;
  return {
    isKept(row) {
      if (isFirst) requireNamed(columnsMissingOf(compiled, Object.keys(row)), row);
      isFirst = false;
      index += 1;
      const { isTrue, isOdd } = compiled.test(row, index);
      if (isOdd) {
        odd += 1;
        onIncomparable?.(row);
      }
      return isTrue;
    },
    onEnd() {
      if (odd === 0 || onIncomparable !== undefined) return;
      process.emitWarning(
        `The condition compares what is no number in ${counted(odd, "row")}, where that part of it is false`,
        "ParrotWarning",
      );
    },
  };
}

function requireNamed(missing: readonly string[], row: Row): void {
  if (missing.length === 0) return;
  throw missingColumns("Cannot use the condition: the first row has no column", missing, Object.keys(row), {
    option: "condition",
  });
}
