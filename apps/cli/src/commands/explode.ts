import { counted, FaultLimit, mapStream, rowFailed, type Row } from "@parallel-parrot/core";
import { ColumnTypeFinder, openSink, traitsOf, type ColumnTypes } from "@parallel-parrot/formats";
import {
  explodeColumnStream,
  type ColumnFailurePolicy,
  type ColumnWarning,
  type ExplodeColumnOptions,
} from "@parallel-parrot/tidy";
import { checkHeaders } from "../files/check-headers.ts";
import { describeInputs } from "../files/describe-inputs.ts";
import { describeEscaped } from "../files/describe-escaped.ts";
import { describeNotes } from "../files/describe-notes.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { failedPathOf } from "../files/failed-path.ts";
import { failedRows } from "../files/failed-rows.ts";
import { forEach } from "../files/for-each.ts";
import { FormulaGuard } from "../files/formula-guard.ts";
import { outputFormatOf, outputLayoutOf } from "../files/formats-of.ts";
import { inputColumns, requireInputColumns } from "../files/input-columns.ts";
import { outputsOf, withLockedOutputs } from "../files/lock-outputs.ts";
import { OutputFaults } from "../files/output-faults.ts";
import { say } from "../terminal/report.ts";
import { rowInput, type RowInput } from "../files/row-input.ts";
import { sourceOptionsOf } from "../files/source-options.ts";
import type { EXPLODE_FLAGS } from "../flags/command-flags.ts";
import type { ValuesOf } from "../flags/flag.ts";
import { typesUnknown } from "../files/types-unknown.ts";
import { requireSeparateFiles } from "../files/separate-files.ts";
import { SeenColumns } from "../files/seen-columns.ts";
import { tellFailures } from "../run/tell-failures.ts";

/** Options of `parrot explode`. */
export type ExplodeFlags = ValuesOf<typeof EXPLODE_FLAGS>;

/** `parrot explode` */
export async function explode(inputs: readonly string[], options: ExplodeFlags): Promise<ExitCode> {
  const { output } = options;
  await requireSeparateFiles({ inputs, from: options.from, output, failed: options.failed });
  return withLockedOutputs(outputsOf(output, options.failed), () => explodeFiles(inputs, options));
}

async function explodeFiles(inputs: readonly string[], options: ExplodeFlags): Promise<ExitCode> {
  const { column, output, overwrite } = options;
  const input = await rowInput(inputs, options);
  const to = outputFormatOf(output, options, input);
  const source = input.open();
  const columns = await inputColumns(source, input);
  await checkHeaders(input, columns, (name, own) => requireInputColumns(name, own, [["--column", column]]));
  if (!options.quiet) for (const line of await describeInputs(input)) say(line);
  const checkFirstRow = columns === undefined;
  const failed = failedRows(await failedPathOf({ ...options, outputPath: output }), {
    columns,
    escapeFormulas: options.escapeFormulas,
    source,
  });
  const known = new Set(columns?.filter((name) => name !== column));
  const { isTable, hasTypes } = traitsOf(to);
  // The header of a stream is written once, that of a text file can still grow.
  const needsColumns = hasTypes || (output === "-" && isTable);
  const exploded = needsColumns ? await explodedColumns(input, options) : undefined;
  if (hasTypes && exploded === undefined) throw typesUnknown(input.name, to);
  const inputTypes = hasTypes ? await source.columnTypes() : undefined;
  const added = needsColumns ? [...(exploded?.keys() ?? [column])] : [];
  // Whatever keeps its name keeps its type, besides the column whose cells become rows.
  const kept = [...(inputTypes ?? [])].filter(([name]) => known.has(name) && exploded?.has(name));
  const counts: Counts = { rows: 0, REPAIRED: 0, ROUNDED: 0, NO_COLUMN: 0 };
  const [faults, limit] = [new OutputFaults(), new FaultLimit()];
  const sink = await openSink(output, {
    format: to,
    overwrite,
    ...outputLayoutOf(to, options, { format: input.format, layout: await source.layout() }),
    ...(exploded !== undefined && hasTypes
      ? { columnTypes: new Map([...kept, ...exploded, ...kept]) }
      : { columns: [...known, ...added.filter((name) => !known.has(name))] }),
    // Formulas are escaped before elements are joined with the cells of the input.
    escapeFormulas: false,
    onUnwritable: async (unwritable) => {
      counts.rows -= 1;
      const fault = faults.add(unwritable);
      if (fault === undefined) return;
      await failed.add(fault);
      const reason = options.onFailure === "stop" ? rowFailed(fault) : limit.add(fault, unwritable.error);
      if (reason !== undefined) throw reason;
    },
  });
  await failed.begin();
  const formulas = new FormulaGuard(to, options);
  let noted: Promise<void> | undefined;
  const stage = explodeColumnStream<Row>({
    ...columnOptions(options),
    mapCell: (cell) => formulas.cell(cell),
    checkFirstRow,
    onFailure: (failure) => {
      noted = failed.add(failure);
      return policyOf(options);
    },
    onWarning: ({ code }) => {
      counts[code] += 1;
    },
  });
  // A failed row must be in its list before the next row comes.
  const count = mapStream((row: Row) => {
    counts.rows += 1;
    const noting = noted;
    noted = undefined;
    return noting === undefined ? row : noting.then(() => row);
  });
  await source.pipeThrough(stage).pipeThrough(count).pipeTo(sink);
  await failed.close();
  if (!options.quiet) {
    tellCounts(counts, options);
    for (const line of describeNotes(source.notes)) say(line);
    for (const line of describeEscaped(formulas.count + failed.escaped)) say(line);
  }
  tellFailures(failed);
  if (failed.count > 0 && options.onFailure === "keep")
    say("Rows that failed are in the output as they were");
  return failed.count > 0 ? EXIT.failedRows : EXIT.ok;
}

type Counts = Record<ColumnWarning["code"] | "rows", number>;

function columnOptions(options: ExplodeFlags): ExplodeColumnOptions {
  const { column, onCollision, onEmpty } = options;
  const { longNumbers } = sourceOptionsOf(options);
  return {
    column,
    collision: onCollision,
    empty: onEmpty,
    ...(longNumbers === undefined ? {} : { longNumbers }),
  };
}

function policyOf({ onFailure }: ExplodeFlags): ColumnFailurePolicy {
  return onFailure === "stop" ? "throw" : onFailure;
}

/**
 * The columns of the exploded rows with their types, found by exploding the file once beforehand; `undefined` for an
 * input that can be read only once, or has too many.
 */
async function explodedColumns(input: RowInput, options: ExplodeFlags): Promise<ColumnTypes | undefined> {
  if (!(await input.canBeReadAgain())) return undefined;
  const onFailure = options.onFailure === "stop" ? "drop" : options.onFailure;
  const exploded = explodeColumnStream<Row>({
    ...columnOptions(options),
    checkFirstRow: false,
    onFailure: () => onFailure,
    onWarning: () => undefined,
  });
  const columns = new SeenColumns();
  const finder = new ColumnTypeFinder();
  await input
    .open()
    .pipeThrough(exploded)
    .pipeTo(
      forEach<Row>((row) => {
        columns.add(row);
        if (!columns.areTooMany) finder.add(row);
      }),
    );
  return columns.areTooMany ? undefined : finder.types;
}

function tellCounts({ rows, REPAIRED, ROUNDED, NO_COLUMN }: Counts, { output, column }: ExplodeFlags): void {
  say(`${counted(rows, "row")}${output === "-" ? "" : ` in ${output}`}`);
  if (REPAIRED > 0)
    say(
      `${counted(REPAIRED, "cell is", "cells are")} not valid JSON (Python's notation, a code fence, text around it) and could be read`,
    );
  if (ROUNDED > 0)
    say(
      `${counted(ROUNDED, "cell has", "cells have")} numbers with too many digits, which were rounded; --long-numbers text keeps all digits, as text`,
    );
  if (NO_COLUMN > 0)
    say(`${counted(NO_COLUMN, "row has", "rows have")} no column "${column}": read as an empty list`);
}
