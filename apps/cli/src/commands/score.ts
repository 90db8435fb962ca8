import { getCell, ParrotError, type Row } from "@parallel-parrot/core";
import { EXIT, type ExitCode } from "../exit-code.ts";
import type { SCORE_FLAGS } from "../flags/commands/score-flags.ts";
import type { ValuesOf } from "../flags/flag.ts";
import { checkHeaders } from "../input/check-headers.ts";
import { describeInputs } from "../input/describe-inputs.ts";
import { describeNotes } from "../input/describe-notes.ts";
import { inputColumns, requireInputColumns } from "../input/input-columns.ts";
import { rowInput } from "../input/row-input.ts";
import { ColumnScore } from "../score/column-score.ts";
import { describeScore } from "../score/describe-score.ts";
import { describeSelection } from "../selection/describe-selection.ts";
import { requireSelected, Selection } from "../selection/selection.ts";
import { printJson, printLines } from "../terminal/print.ts";
import { say } from "../terminal/report.ts";

/** The column of answers where none is named. */
const USUAL = "output";

/** `parrot score`: compares answers with what is right. Nobody is asked. */
export async function score(
  inputs: readonly string[],
  options: ValuesOf<typeof SCORE_FLAGS>,
): Promise<ExitCode> {
  const { against, json } = options;
  const input = await rowInput(inputs, options);
  const source = input.open();
  const columns = await inputColumns(source, input);
  const answers =
    options.column?.flatMap((column) => ofModels(columns, column)) ?? answerColumns(columns, input.name);
  if (answers.includes(against))
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot score ${against} against itself; name the answers with --column`,
      {
        column: against,
        option: "--column",
      },
    );
  await checkHeaders(input, columns, (name, own) =>
    requireInputColumns(name, own, [
      ["--against", against],
      ...answers.map((column) => ["--column", column] as const),
    ]),
  );
  requireSelected(input.name, columns, options);
  for (const line of await describeInputs(input)) say(line);
  const scores = answers.map((column) => ({ column, score: new ColumnScore(column, against) }));
  const selection = new Selection(options);
  let isFirst = columns === undefined;
  let position = 0;
  for await (const row of selection.rowsOf(source)) {
    // Nobody asks for the numbers of the rows, which would be remembered until then.
    selection.rowIndex(position);
    position += 1;
    if (isFirst) requireCells(input.name, row, [against, ...answers]);
    isFirst = false;
    for (const { column, score: each } of scores) each.add(getCell(row, against), getCell(row, column));
  }
  for (const line of describeSelection(selection, options, false)) say(line);
  for (const line of describeNotes(source.notes)) say(line);
  const all = scores.map((each) => each.score.score);
  if (json) printJson(`${JSON.stringify(all, undefined, 2)}\n`);
  else printLines(`${all.map((each) => describeScore(each)).join("\n\n")}\n`);
  return EXIT.ok;
}

/** The columns of answers that a run has by itself: `output`, or one for each model that was compared. */
function answerColumns(columns: readonly string[] | undefined, input: string): readonly string[] {
  if (columns === undefined || columns.includes(USUAL)) return [USUAL];
  const compared = ofModels(columns, USUAL);
  if (compared.every((column) => columns.includes(column))) return compared;
  throw new ParrotError(
    "MISSING_COLUMN",
    `Cannot tell which column of ${input} has the answers; name it with --column: ${columns.join(", ")}`,
    { option: "--column" },
  );
}

/** The columns that a name stands for: itself, or where it is not there, those of the models that were compared. */
function ofModels(columns: readonly string[] | undefined, name: string): readonly string[] {
  if (columns === undefined || columns.includes(name)) return [name];
  const compared = columns.filter((column) => column.startsWith(`${name}@`));
  return compared.length === 0 ? [name] : compared;
}

function requireCells(input: string, row: Row, columns: readonly string[]): void {
  requireInputColumns(
    input,
    Object.keys(row),
    columns.map((column, at) => [at === 0 ? "--against" : "--column", column]),
  );
}
