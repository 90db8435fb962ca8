import { rm, stat } from "node:fs/promises";
import { cellText, type Failed, type FailureCode, type Row } from "@parallel-parrot/core";
import {
  formatOf,
  openSink,
  traitsOf,
  type ColumnTypes,
  type RowSink,
  type RowSource,
} from "@parallel-parrot/formats";
import { groupSize, MODEL_COLUMN, numberOf, type ModelOptions } from "../compare/compared-models.ts";
import { digestFile } from "../output/digest-file.ts";
import { findPlace, type FoundPlace } from "../input/find-place.ts";
import { partialName } from "../output/formats-of.ts";
import { say } from "../terminal/report.ts";
import { setAside } from "./set-aside.ts";

/** A failed row, by the number and at the place where a person finds it. */
export type ListedRow = Failed & FoundPlace & OfStep & OfModel;

/** The model that a row was asked of, where several are compared. */
interface OfModel {
  readonly model?: string | undefined;
}

/** The step that a row has failed in, where a run has several. */
interface OfStep {
  readonly step?: string;
}

/** The file of failed rows. It exists once a row has failed. */
export interface FailedRows {
  /**
   * Makes room for the unfinished file: what an earlier run has left there is kept under another name if it is
   * needed.
   */
  begin(): Promise<void>;
  /** Writes a row. Resolves when the file takes more rows. */
  add(failed: Failed & OfStep): Promise<void>;
  /** Finishes the file and gives it its name. Rejects where a row could not be written. */
  close(): Promise<void>;
  /** Closes the file under its unfinished name, as rows are still missing. */
  stop(): Promise<void>;
  /** The path of the file, finished or not. */
  readonly path: string | undefined;
  readonly count: number;
  /** How many of them were answered, and the answer could not be read or written. */
  readonly unusable: number;
  /** Cells with a `'` in front, as a spreadsheet would run them. */
  readonly escaped: number;
  /** The number of rows for each code, in the order in which the codes came. */
  readonly counts: ReadonlyMap<FailureCode, number>;
  /** The 0-based numbers of the first rows of each code: those to name, and one more where there are more. */
  readonly rowsOf: ReadonlyMap<FailureCode, readonly number[]>;
  /** The first three rows, to show. */
  readonly first: readonly ListedRow[];
}

/** Options of {@linkcode failedRows}. */
export interface FailedRowsOptions {
  /** The columns of the input, which come first in a table. @default none */
  readonly columns?: readonly string[] | undefined;
  /** Their types, where they are known. @default all text */
  readonly types?: ColumnTypes | undefined;
  /** Whether what a spreadsheet would run gets a `'` in front, in the columns of the failure. @default true */
  readonly escapeFormulas?: boolean;
  /** Whether the run has several steps, of which each row names the one that it has failed in. @default false */
  readonly hasSteps?: boolean;
  /** The source of the rows, which tells where each is. @default not known */
  readonly source?: Pick<RowSource, "files" | "placeOf">;
  /** The models that are compared, each of which is asked each row. @default one is asked */
  readonly models?: ModelOptions;
  /** Called with the path of the finished file before it gets its name. */
  readonly beforeNaming?: (path: string) => Promise<void>;
  /**
   * Whether each row of an existing list is certain to be in the output or in the list of this run, so that the old
   * list may go. Any other list is kept under another name. @default no list
   */
  readonly isCovered?: (path: string) => Promise<boolean>;
}

const MAX_SHOWN = 3;
/** Rows that a line names. */
export const MAX_NAMED = 5;

/**
 * Writes failed rows to `path`, or only counts them where there is no path. A table has the columns of the input and
 * then those of the failure; JSON has the input row as an object.
 */
export function failedRows(
  path: string | undefined,
  {
    columns = [],
    types = new Map(),
    source,
    hasSteps = false,
    models = {},
    escapeFormulas = true,
    beforeNaming,
    isCovered = () => Promise.resolve(false),
  }: FailedRowsOptions = {},
): FailedRows {
  const first: ListedRow[] = [];
  const counts = new Map<FailureCode, number>();
  const rowsOf = new Map<FailureCode, number[]>();
  let count = 0;
  let unusable = 0;
  const leftOut = new Set([
    ...((source?.files.length ?? 0) > 1 ? [] : [FILE_COLUMN]),
    ...(hasSteps ? [] : [STEP_COLUMN]),
  ]);
  let place = path;
  let opening: Promise<WritableStreamDefaultWriter<Row>> | undefined;
  let sink: RowSink | undefined;
  let writing: Promise<void> = Promise.resolve();
  async function write(file: string, failed: ListedRow): Promise<void> {
    const { format } = formatOf(file);
    const { isTable } = traitsOf(format);
    opening ??= openSink(file, {
      format,
      overwrite: true,
      partial: partialName(file),
      replacePartial: true,
      beforeNaming: async (complete) => {
        await beforeNaming?.(complete);
        if (!(await areEqual(complete, file))) await clear(file);
      },
      // Every failed row is listed, if need be without the cells that cannot be written.
      onUnwritable: ({ row }) => (isTable ? failureOf(row) : { ...row, input: null }),
      ...(isTable
        ? {
            columns: [...columns, ...FAILURE_COLUMNS.filter((name) => !leftOut.has(name))],
            columnTypes: new Map([...types, ...TABLE_TYPES]),
            escapeFormulas: escapeFormulas && isFailureColumn,
          }
        : {}),
    }).then((opened) => {
      sink = opened;
      return opened.getWriter();
    });
    await (await opening).write(isTable ? toFlatRow(failed) : toRow(failed));
  }
  /** Makes room for a list: an existing file is kept under another name unless its rows are covered. */
  async function clear(name: string): Promise<void> {
    const status = await stat(name).catch(() => undefined);
    if (status?.isFile() !== true || status.size === 0 || (await isCovered(name))) return;
    const aside = await setAside(name);
    say(`${name} lists failed rows that are not rows of this run; it is kept as ${aside}`);
  }
  return {
    first,
    counts,
    rowsOf,
    get path() {
      return place;
    },
    get count() {
      return count;
    },
    get unusable() {
      return unusable;
    },
    get escaped() {
      return sink?.changes.escapedFormulas ?? 0;
    },
    add(failed) {
      const { code, stage } = failed.failure;
      const found =
        source === undefined ? { file: undefined, line: undefined } : findPlace(source, failed.index);
      const index = numberOf(failed.index, models);
      const model = groupSize(models) > 1 ? cellText(failed.row[MODEL_COLUMN]) : undefined;
      const listed = { ...failed, ...found, index, model };
      count += 1;
      if (stage === "parse" || stage === "formats") unusable += 1;
      counts.set(code, (counts.get(code) ?? 0) + 1);
      const named = rowsOf.get(code) ?? [];
      if (named.length <= MAX_NAMED && !named.includes(index)) rowsOf.set(code, [...named, index]);
      if (first.length < MAX_SHOWN) first.push(listed);
      if (path !== undefined) writing = Promise.all([writing, write(path, listed)]).then(() => undefined);
      // A caller that does not wait for this learns of the error from close().
      writing.catch(() => undefined);
      return writing;
    },
    async begin() {
      if (path !== undefined) await clear(partialName(path));
    },
    async close() {
      await writing;
      if (opening !== undefined) return (await opening).close();
      if (path === undefined) return;
      // A list of an earlier run would be taken for one of this run.
      await clear(path);
      for (const name of [path, partialName(path)]) await rm(name, { force: true });
    },
    async stop() {
      if (opening === undefined || path === undefined) return;
      place = partialName(path);
      try {
        await writing;
      } finally {
        await (await opening).abort();
      }
    },
  };
}

async function areEqual(one: string, other: string): Promise<boolean> {
  const [first, second] = [await digestFile(one), await digestFile(other)];
  return first !== undefined && first.sha256 === second?.sha256;
}

/** In the list of several inputs alone. */
const FILE_COLUMN = "failure_file";
/** In the list of several steps alone. */
const STEP_COLUMN = "failure_step";

const FAILURE_COLUMNS = [
  FILE_COLUMN,
  STEP_COLUMN,
  "failure_row",
  "failure_line",
  "failure_code",
  "failure_stage",
  "failure_message",
  "failure_attempts",
  "failure_answer",
];

/** Those that are not text. */
const TABLE_TYPES: ColumnTypes = new Map(
  ["failure_row", "failure_line", "failure_attempts"].map((column) => [
    column,
    { type: "integer", bits: 64, signed: true },
  ]),
);

function isFailureColumn(column: string): boolean {
  return FAILURE_COLUMNS.includes(column);
}

/** The columns of the failure alone. */
function failureOf(row: Row): Row {
  return Object.fromEntries(
    FAILURE_COLUMNS.flatMap((column) => (Object.hasOwn(row, column) ? [[column, row[column]]] : [])),
  );
}

function toRow({ index, file, line, row, failure, step }: ListedRow): Row {
  const { code, stage, message, attempts, answer } = failure;
  return {
    ...(file === undefined ? {} : { file }),
    ...(step === undefined ? {} : { step }),
    row: index,
    ...(line === undefined ? {} : { line }),
    code,
    stage,
    message,
    attempts,
    ...(answer === undefined ? {} : { answer }),
    input: row,
  };
}

function toFlatRow({ index, file, line, row, failure, step }: ListedRow): Row {
  const { code, stage, message, attempts, answer } = failure;
  return {
    ...row,
    ...(file === undefined ? {} : { [FILE_COLUMN]: file }),
    ...(step === undefined ? {} : { [STEP_COLUMN]: step }),
    failure_row: index,
    failure_line: line ?? null,
    failure_code: code,
    failure_stage: stage,
    failure_message: message,
    failure_attempts: attempts,
    failure_answer: answer ?? null,
  };
}
