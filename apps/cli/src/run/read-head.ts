import { ParrotError, type Row } from "@parallel-parrot/core";
import { traitsOf, type Format, type InputDigest, type RowSource } from "@parallel-parrot/formats";
import { requireApart } from "../compare/plan-comparison.ts";
import { requireInputColumns } from "../input/input-columns.ts";
import { checkHeaders } from "../input/check-headers.ts";
import { describeInputs } from "../input/describe-inputs.ts";
import { say } from "../terminal/report.ts";
import { checkTemplateColumns } from "../input/check-template-columns.ts";
import { outputFormatOf } from "../output/formats-of.ts";
import { readOnce } from "../output/output-files.ts";
import { outputPlaceOf, type OutputPlace } from "../output/output-place.ts";
import { ownRows, type KnownRows } from "../input/own-rows.ts";
import { rowInput } from "../input/row-input.ts";
import { roomFor } from "../output/room-for.ts";
import { scanInput } from "../input/scan-input.ts";
import { MAX_COLUMNS } from "../input/seen-columns.ts";
import { typesUnknown } from "../output/types-unknown.ts";
import type { Job } from "../job/job.ts";
import type { RunOptions } from "../job/run-options.ts";
import { AskedCount } from "../selection/asked-count.ts";
import { madeInput } from "../selection/made-input.ts";
import { leavesOut, requireSelected, Selection } from "../selection/selection.ts";
import { inFirstStep } from "../steps/in-step.ts";
import { checkSteps } from "../steps/check-steps.ts";
import { answerColumns } from "../steps/step-columns.ts";

/** What is known of an input before its rows are worked on. */
export interface Head extends KnownRows {
  /** Where the rows go. */
  readonly place: OutputPlace;
  readonly source: RowSource;
  /** The rows of the source that are asked. */
  readonly rows: ReadableStream<Row>;
  /** Which of them are; `undefined` where all are. */
  readonly selection: Selection | undefined;
  /** How many are, where that is known beforehand. */
  readonly counted?: AskedCount;
  readonly to: Format;
  /** What is known of the rows of one of several inputs, which has an output of its own. */
  readonly ofInput: (input: number) => Promise<KnownRows>;
  /** `undefined` for an input that can be read only once. */
  readonly digest: InputDigest | undefined;
  /** The digest once the input was read to its end, also of one that can be read only once. */
  readonly wholeDigest: () => InputDigest | undefined;
}

/**
 * Reads what can be known of an input before the first request: all of it, where it can be read twice. Finds a broken
 * line far down, a column that is not there and a collision.
 */
export async function readHead(job: Job, options: RunOptions): Promise<Head> {
  const input = await madeInput(await rowInput(job.inputs, options), options);
  const place = outputPlaceOf(options, input);
  const to = outputFormatOf(options.outputPath, options, input);
  const { hasTypes } = traitsOf(to);
  const counter = new AskedCount(options);
  const room = roomFor(to, input.name, options.columns);
  /** How many rows of each input are asked, where each has an output of its own. */
  const askedOf: number[] = [];
  let digest: InputDigest | undefined;
  const onDigest = (whole: InputDigest): void => {
    digest = whole;
  };
  const scan = await scanInput(input, {
    findsTypes: hasTypes,
    onDigest,
    onRow(row, rows) {
      const index = counter.read;
      if (!counter.add(row)) return;
      if (place.kind === "folder") {
        const from = rows.placeOf(index)?.input ?? 0;
        askedOf[from] = (askedOf[from] ?? 0) + 1;
      }
      room?.requireCells(row, index);
    },
  });
  if (place.kind === "folder" && scan === undefined) throw readOnce(input.name);
  room?.requireRows(mostRows(place, scan === undefined ? 0 : counter.asked, askedOf));
  const source = input.open(scan === undefined ? { onDigest } : {});
  const columns = scan?.columns ?? (await source.columns());
  if (columns === undefined && scan !== undefined) requireFewColumns(input.name, to);
  const types = hasTypes ? (scan?.types ?? (await source.columnTypes())) : undefined;
  if (hasTypes && types === undefined) throw typesUnknown(input.name, to);
  await checkHeaders(input, columns, (name, own) =>
    inFirstStep(options, () => checkTemplateColumns(name, own, options)),
  );
  if (!options.quiet) for (const line of await describeInputs(input)) say(line);
  const isOneStep = options.later === undefined;
  // Which columns stay is a matter of the last step.
  requireSelected(input.name, columns, isOneStep ? options : { ...options, columns: undefined });
  await checkSteps(columns, options);
  const { splitBy = [], dedupeBy = [] } = options;
  requireInputColumns(
    input.name,
    columns,
    splitBy.map((column) => ["--split-by", column]),
  );
  const answers = options.comparison?.namesFor([]).answers ?? answerColumns(options);
  const answered = answers.flatMap((column) =>
    columns?.includes(column) === true ? [column, `${column}_2`] : [column],
  );
  // Without a schema that names its columns, an answer may have any.
  if (columns !== undefined && answered.length > 0)
    requireInputColumns(
      input.name,
      [...columns, ...answered],
      dedupeBy.map((column) => ["--dedupe-by", column]),
    );
  if (options.comparison !== undefined)
    requireApart(options.columns ?? columns ?? [], options.comparison, options);
  await inFirstStep(options, () =>
    checkCollision((isOneStep ? options.columns : undefined) ?? columns ?? [], options),
  );
  const selection = leavesOut(options) ? new Selection(options) : undefined;
  return {
    place,
    source,
    ofInput: (number) => ownRows(input.only(number), to),
    rows:
      selection?.rowsOf(source, (row, index) => {
        if (columns === undefined && index === 0)
          requireSelected(
            input.name,
            Object.keys(row),
            isOneStep ? options : { ...options, columns: undefined },
          );
      }) ?? source,
    selection,
    ...(scan === undefined ? {} : { counted: counter }),
    to,
    format: input.format,
    layout: await source.layout(),
    columns,
    types,
    digest: scan === undefined ? undefined : digest,
    wholeDigest: () => digest,
  };
}

/** The most rows that an output gets. */
function mostRows({ kind }: OutputPlace, all: number, askedOf: readonly number[]): number {
  return kind === "folder" ? askedOf.reduce((most, rows) => Math.max(most, rows), 0) : all;
}

/** A table needs all columns for its header, and there are too many to remember. */
function requireFewColumns(input: string, to: Format): void {
  if (!traitsOf(to).isTable) return;
  throw new ParrotError(
    "INVALID_INPUT",
    `${input} has more than ${MAX_COLUMNS} different columns, too many for a table; name an output that ends in .jsonl`,
    { file: input, option: "-o" },
  );
}

/** With `--on-collision error`, throws for a collision before it has cost anything. */
function checkCollision(columns: readonly string[], { onCollision, wanted }: RunOptions): void {
  const column = onCollision === "error" ? wanted.columns.find((name) => columns.includes(name)) : undefined;
  if (column === undefined) return;
  throw new ParrotError(
    "INVALID_OPTION",
    `The input already has a column "${column}"; give the answers another name, or choose --on-collision suffix, overwrite or keep`,
    { column, option: "--on-collision" },
  );
}
