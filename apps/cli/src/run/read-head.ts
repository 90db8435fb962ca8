import { ParrotError, type Row } from "@parallel-parrot/core";
import {
  traitsOf,
  type ColumnTypes,
  type CsvLayout,
  type Format,
  type InputDigest,
  type RowSource,
} from "@parallel-parrot/formats";
import { requireInputColumns } from "../files/input-columns.ts";
import { checkHeaders } from "../files/check-headers.ts";
import { describeInputs } from "../files/describe-inputs.ts";
import { say } from "../terminal/report.ts";
import { checkTemplateColumns } from "../files/check-template-columns.ts";
import { outputFormatOf } from "../files/formats-of.ts";
import { rowInput } from "../files/row-input.ts";
import { roomFor } from "../files/room-for.ts";
import { scanInput } from "../files/scan-input.ts";
import { MAX_COLUMNS } from "../files/seen-columns.ts";
import { typesUnknown } from "../files/types-unknown.ts";
import type { Job } from "../job/job.ts";
import type { RunOptions } from "../job/run-options.ts";
import { AskedCount } from "../selection/asked-count.ts";
import { madeInput } from "../selection/made-input.ts";
import { leavesOut, requireSelected, Selection } from "../selection/selection.ts";

/** What is known of an input before its rows are worked on. */
export interface Head {
  readonly source: RowSource;
  /** The rows of the source that are asked. */
  readonly rows: ReadableStream<Row>;
  /** Which of them are; `undefined` where all are. */
  readonly selection: Selection | undefined;
  /** How many are, where that is known beforehand. */
  readonly counted?: AskedCount;
  readonly to: Format;
  /** The format of the input, and how its text is written. */
  readonly format: Format | undefined;
  readonly layout: CsvLayout | undefined;
  /** All columns, where they can be known beforehand. */
  readonly columns: readonly string[] | undefined;
  /** Their types, for an output whose format has types. */
  readonly types: ColumnTypes | undefined;
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
  const to = outputFormatOf(options.outputPath, options, input);
  const { hasTypes } = traitsOf(to);
  const counter = new AskedCount(options);
  const room = roomFor(to, input.name, options.columns);
  const scan = await scanInput(input, {
    findsTypes: hasTypes,
    onRow(row) {
      const isAsked = counter.add(row);
      if (isAsked) room?.requireCells(row, counter.read - 1);
    },
  });
  room?.requireRows(scan === undefined ? 0 : counter.asked);
  let digest = scan?.digest;
  const source = input.open(scan === undefined ? { onDigest: (whole) => (digest = whole) } : {});
  const columns = scan?.columns ?? (await source.columns());
  if (columns === undefined && scan !== undefined) requireFewColumns(input.name, to);
  const types = hasTypes ? (scan?.types ?? (await source.columnTypes())) : undefined;
  if (hasTypes && types === undefined) throw typesUnknown(input.name, to);
  await checkHeaders(input, columns, (name, own) => checkTemplateColumns(name, own, options));
  if (!options.quiet) for (const line of await describeInputs(input)) say(line);
  requireSelected(input.name, columns, options);
  const { splitBy = [], dedupeBy = [], wanted } = options;
  requireInputColumns(
    input.name,
    columns,
    splitBy.map((column) => ["--split-by", column]),
  );
  const answered = wanted.columns.flatMap((column) =>
    columns?.includes(column) === true ? [column, `${column}_2`] : [column],
  );
  // Without a schema that names its columns, an answer may have any.
  if (columns !== undefined && answered.length > 0)
    requireInputColumns(
      input.name,
      [...columns, ...answered],
      dedupeBy.map((column) => ["--dedupe-by", column]),
    );
  checkCollision(options.columns ?? columns ?? [], options);
  const selection = leavesOut(options) ? new Selection(options) : undefined;
  return {
    source,
    rows:
      selection?.rowsOf(source, (row, index) => {
        if (columns === undefined && index === 0) requireSelected(input.name, Object.keys(row), options);
      }) ?? source,
    selection,
    ...(scan === undefined ? {} : { counted: counter }),
    to,
    format: input.format,
    layout: await source.layout(),
    columns,
    types,
    digest: scan?.digest,
    wholeDigest: () => digest,
  };
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
