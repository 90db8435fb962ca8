import {
  counted,
  FaultLimit,
  getCell,
  mapStream,
  missingColumns,
  rowFailed,
  type Row,
} from "@parallel-parrot/core";
import type { Format } from "@parallel-parrot/formats";
import { explodeColumnStream, type ColumnFailurePolicy, type ColumnWarning } from "@parallel-parrot/tidy";
import { checkHeaders } from "../input/check-headers.ts";
import { describeInputs } from "../input/describe-inputs.ts";
import { describeCellChanges } from "../output/describe-cell-changes.ts";
import { describeEscaped } from "../output/describe-escaped.ts";
import { describeNotes } from "../input/describe-notes.ts";
import { columnOptions, type ExplodeFlags } from "../explode/column-options.ts";
import type { Exploded } from "../explode/exploded-columns.ts";
import { explodedRows } from "../explode/exploded-rows.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { failedPathOf } from "../failed/failed-path.ts";
import { failedRows } from "../failed/failed-rows.ts";
import { FormulaGuard } from "../output/formula-guard.ts";
import { outputFormatOf } from "../output/formats-of.ts";
import { inputColumns, requireInputColumns } from "../input/input-columns.ts";
import { outputsOf, withLockedOutputs } from "../files/lock-outputs.ts";
import { Duplicates } from "../output/duplicates.ts";
import { describeParts } from "../output/describe-parts.ts";
import { openPlaceSink, type RowsOut } from "../output/open-place.ts";
import { readOnce } from "../output/output-files.ts";
import { isOneName, outputPlaceOf, type OutputPlace } from "../output/output-place.ts";
import { OutputFaults } from "../output/output-faults.ts";
import { describeSelection } from "../selection/describe-selection.ts";
import { selectedInput, type SelectedInput } from "../selection/selected-input.ts";
import { requireSelected } from "../selection/selection.ts";
import { say } from "../terminal/report.ts";
import { rowInput, type RowInput } from "../input/row-input.ts";
import { requireSeparateFiles } from "../files/separate-files.ts";
import { tellFailures } from "../run/tell-failures.ts";

/** `parrot explode` */
export async function explode(inputs: readonly string[], options: ExplodeFlags): Promise<ExitCode> {
  await requireSeparateFiles({ ...options, inputs });
  const input = selectedInput(await rowInput(inputs, options), options);
  const place = outputPlaceOf(options, input);
  if (place.kind === "folder" && !(await input.canBeReadAgain())) throw readOnce(input.name);
  return withLockedOutputs(outputsOf(place, options.failed), () => explodeInput(input, place, options));
}

async function explodeInput(
  input: SelectedInput,
  place: OutputPlace,
  options: ExplodeFlags,
): Promise<ExitCode> {
  const { column, overwrite, splitBy = [] } = options;
  const to = outputFormatOf(place.path, options, input);
  const source = input.open();
  const columns = await inputColumns(source, input);
  await checkHeaders(input, columns, (name, own) =>
    requireInputColumns(name, own, [
      ["--column", column],
      ...splitBy.map((by) => ["--split-by", by] as const),
    ]),
  );
  requireSelected(input.name, columns, { ...options, columns: undefined });
  if (!options.quiet) for (const line of await describeInputs(input)) say(line);
  const checkFirstRow = columns === undefined;
  const failed = failedRows(await failedPathOf({ ...options, outputPath: place.path }), {
    columns,
    escapeFormulas: options.escapeFormulas,
    source: source.whole,
  });
  const isStream = place.kind === "stream";
  const { found, known, names, out } = await explodedRows({ input, source, columns, to, isStream }, options);
  requireFoundColumns(input.name, options.columns, found);
  const duplicates = new Duplicates(options, { except: known }, "element");
  const counts: Counts = { rows: 0, REPAIRED: 0, ROUNDED: 0, NO_COLUMN: 0 };
  const [faults, limit] = [new OutputFaults(), new FaultLimit()];
  const sink = await openPlaceSink(place, options, {
    sink: {
      overwrite,
      onUnwritable: async (unwritable) => {
        counts.rows -= 1;
        const fault = faults.add(unwritable);
        if (fault === undefined) return;
        await failed.add(fault);
        const reason = options.onFailure === "stop" ? rowFailed(fault) : limit.add(fault, unwritable.error);
        if (reason !== undefined) throw reason;
      },
    },
    all: out,
    ofInput: (number) =>
      rowsOfInput(input.only(number), { to, isEmptyInAll: found?.isColumnEmpty === true }, options),
    inputOf: ({ index }) => source.whole.placeOf(index)?.input ?? 0,
    isFollowed: false,
  });
  await failed.begin();
  const formulas = new FormulaGuard(to, options);
  let noted: Promise<void> | undefined;
  const stage = explodeColumnStream<Row>({
    ...columnOptions(options),
    ...(found?.isColumnEmpty === true ? { columns: [] } : {}),
    mapCell: (cell) => formulas.cell(cell),
    checkFirstRow,
    rowIndex: (position) => source.rowOf(position),
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
    // An element that is null, among objects, has the column that is left out.
    const isPicked = options.columns !== undefined || found?.isColumnEmpty === true;
    const kept = isPicked ? pickCells(row, names) : row;
    return noting === undefined ? kept : noting.then(() => kept);
  });
  await duplicates.leaveOut(source.pipeThrough(stage)).pipeThrough(count).pipeTo(sink);
  await failed.close();
  if (!options.quiet) {
    tellCounts(counts, place, options);
    for (const line of duplicates.describe()) say(line);
    for (const line of describeParts(place, "files" in sink ? sink.files : [])) say(line);
    if (found?.isColumnEmpty === true)
      say(`The column "${column}" would be empty in every row, and is left out`);
    if (source.selection !== undefined)
      for (const line of describeSelection(source.selection, options, false)) say(line);
    for (const line of describeNotes(source.notes)) say(line);
    for (const line of describeEscaped(formulas.count + failed.escaped)) say(line);
    for (const line of describeCellChanges(sink.changes)) say(line);
  }
  tellFailures(failed);
  if (failed.count > 0 && options.onFailure === "keep")
    say("Rows that failed are in the output as they were");
  return failed.count > 0 ? EXIT.failedRows : EXIT.ok;
}

/** How the rows of one of several inputs are written, which has an output of its own. */
async function rowsOfInput(
  input: RowInput,
  about: { readonly to: Format; readonly isEmptyInAll: boolean },
  options: ExplodeFlags,
): Promise<RowsOut> {
  const source = input.open();
  try {
    const columns = await inputColumns(source, input);
    return (await explodedRows({ input, source, columns, isStream: false, ...about }, options)).out;
  } finally {
    await source.cancel();
  }
}

type Counts = Record<ColumnWarning["code"] | "rows", number>;

function policyOf({ onFailure }: ExplodeFlags): ColumnFailurePolicy {
  return onFailure === "stop" ? "throw" : onFailure;
}

/** Makes sure that `--columns` names columns that there are, where these are known. */
function requireFoundColumns(
  input: string,
  wanted: readonly string[] | undefined,
  found: Exploded | undefined,
): void {
  if (wanted === undefined || found === undefined || found.types.size === 0) return;
  const columns = [...found.types.keys()];
  const missing = wanted.filter((name) => !found.types.has(name));
  if (missing.length > 0)
    throw missingColumns(`--columns: exploding ${input} gives no column`, missing, columns, {
      option: "--columns",
    });
}

/** The cells of some columns, in their order. */
function pickCells(row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(
    columns.filter((name) => Object.hasOwn(row, name)).map((name) => [name, getCell(row, name)]),
  );
}

function tellCounts(
  { rows, REPAIRED, ROUNDED, NO_COLUMN }: Counts,
  place: OutputPlace,
  { column }: ExplodeFlags,
): void {
  say(`${counted(rows, "row")}${isOneName(place) ? ` in ${place.path}` : ""}`);
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
