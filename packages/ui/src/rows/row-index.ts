import type { StatementSync } from "node:sqlite";
import { isObject, loadSqlite, parseJson, stringifyJson, type Row } from "@parallel-parrot/core";
import type { ReadRow } from "../run-source.ts";
import { ROW_STATES } from "../wire.ts";
import { CellBlocks, type ColumnName } from "./cell-blocks.ts";
import { failureKind } from "./failure-kind.ts";
import { RowTotals } from "./row-totals.ts";
import { RowIds } from "./row-ids.ts";
import {
  MEASURES,
  sqlOf,
  type Marks,
  type Measure,
  type RowFilter,
  type SqlCondition,
} from "./row-filter.ts";

/** In which order rows come: that of the input, or the greatest of a measure first. */
export type RowOrder = "place" | Measure;

/** A row in the index. */
export interface IndexedRow {
  /** Its place among the rows of the run. */
  readonly place: number;
  readonly read: ReadRow;
}

interface PageOptions {
  readonly filter: RowFilter;
  readonly order: RowOrder;
  /** What the page before has given as `next`. */
  readonly after: string | undefined;
  readonly limit: number;
}

// What filters compare is in a table of its own: a million rows of it are some 60 MB, and are passed over in a moment.
const TABLES = `
PRAGMA page_size = 16384;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -65536;
CREATE TABLE row (
  place INTEGER PRIMARY KEY, number INTEGER NOT NULL, state INTEGER NOT NULL, code TEXT, kind TEXT,
  warnings TEXT, outputs INTEGER NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
  attempts INTEGER NOT NULL, duration_ms INTEGER, cost REAL, sent_at INTEGER, model TEXT, origin INTEGER NOT NULL
) STRICT;
CREATE TABLE content (place INTEGER PRIMARY KEY, content TEXT NOT NULL) STRICT;
`;

const INSERT_ROW = `INSERT INTO row VALUES (${Array.from({ length: 15 }, () => "?").join(", ")})`;

/**
 * The rows of one run, to be found by what became of them. It is in a file that SQLite makes and that has no name from then
 * on, so that nobody else reads it and nothing of it is left.
 */
export class RowIndex {
  readonly totals: RowTotals = new RowTotals();
  readonly ids: RowIds = new RowIds();
  readonly #database = new (loadSqlite().DatabaseSync)("");
  readonly #addRow: StatementSync;
  readonly #addContent: StatementSync;
  readonly #cells: CellBlocks;
  /** Marks by what was looked for, the last ones: a page and its count look for the same. */
  readonly #looked = new Map<string, Marks>();
  /** The rows that the texts of a filter leave, while a statement asks for them; `undefined` for all. */
  #marks: Marks | undefined;
  #count = 0;

  constructor() {
    this.#database.exec(TABLES);
    this.#addRow = this.#database.prepare(INSERT_ROW);
    this.#addContent = this.#database.prepare("INSERT INTO content VALUES (?, ?)");
    this.#cells = new CellBlocks(this.#database);
    this.#database.function("is_marked", (place) => this.#marks?.[Number(place)] ?? 1);
  }

  /** How many rows it has. */
  get count(): number {
    return this.#count;
  }

  /** The columns of the input and of outputs, in the order in which they come. */
  get columns(): { readonly input: readonly string[]; readonly output: readonly string[] } {
    return { input: this.#cells.columnsOf("input"), output: this.#cells.columnsOf("output") };
  }

  /** @param modelColumn a column that names the model of a row, and is no part of its input */
  add(rows: readonly ReadRow[], modelColumn?: string): void {
    this.#database.exec("BEGIN");
    this.#cells.add(this.#count, rows);
    for (const read of rows) {
      this.totals.add(read);
      this.ids.add(read, modelColumn);
      this.#addRow.run(this.#count, ...measuresOf(read));
      const { row: input, ...others } = read;
      this.#addContent.run(this.#count, stringifyJson({ input, ...others }) ?? "{}");
      this.#count += 1;
    }
    this.#database.exec("COMMIT");
  }

  get(place: number): IndexedRow | undefined {
    const found = this.#database.prepare("SELECT content FROM content WHERE place = ?").get(place);
    return found === undefined ? undefined : { place, read: rowOf(found["content"]) };
  }

  /** Rows that a filter leaves, by key: each page begins where the one before has ended. */
  page({ filter, order, after, limit }: PageOptions): RowsOfPage {
    const condition = this.#conditionOf(filter);
    const [lastKey, lastPlace] = readCursor(after);
    const { marks } = condition;
    if (order === "place" && condition.sql === undefined && marks !== undefined)
      return this.#pageOf(placesIn(marks, lastPlace + 1, limit + 1), limit);
    const key = order === "place" ? "0" : `coalesce(${MEASURES[order]}, -1)`;
    const begin = order === "place" ? "r.place > ?" : `(${key} < ? OR (${key} = ? AND r.place > ?))`;
    const beginAt = order === "place" ? [lastPlace] : [lastKey, lastKey, lastPlace];
    const found = this.#all(
      `SELECT r.place, ${key} AS key FROM row r WHERE ${begin} AND`,
      condition,
      `ORDER BY ${order === "place" ? "" : "key DESC, "} r.place LIMIT ?`,
      beginAt,
      [limit + 1],
    );
    return this.#pageOf(
      found.map(({ place, key }) => ({ place: Number(place), key: Number(key) })),
      limit,
    );
  }

  /** All rows that a filter leaves, in their order. What is added meanwhile is not among them. */
  *rowsOf(filter: RowFilter): Generator<IndexedRow> {
    const count = this.#count;
    const marks = this.marksOf(filter);
    for (let place = 0; place < count; place += 1) {
      if (marks?.[place] === 0) continue;
      const row = this.get(place);
      if (row !== undefined) yield row;
    }
  }

  countOf(filter: RowFilter): number {
    const condition = this.#conditionOf(filter);
    const { sql, marks } = condition;
    if (sql === undefined) return marks?.reduce((sum, mark) => sum + mark, 0) ?? this.#count;
    const [found] = this.#all("SELECT count(*) AS rows FROM row r WHERE", condition);
    return Number(found?.["rows"] ?? 0);
  }

  /** The cells of a column in the rows that a filter leaves. */
  *cellsOf(column: ColumnName, filter: RowFilter): Generator<string> {
    const marks = this.marksOf(filter);
    for (const [first, cells] of this.#cells.cellsOf(column))
      for (const [row, text] of cells) if (marks?.[first + row] !== 0) yield text;
  }

  /** The same cells of all rows, in blocks. */
  blocksOf(column: ColumnName): ReturnType<CellBlocks["cellsOf"]> {
    return this.#cells.cellsOf(column);
  }

  /** The model of each row as a number; `undefined` where the run has one alone. */
  modelNumbers(): Uint16Array | undefined {
    const names = this.totals.models.map(({ value }) => value);
    if (names.length === 0) return undefined;
    const numbers = new Uint16Array(this.#count);
    for (const { place, model } of this.#database.prepare("SELECT place, model FROM row").iterate())
      numbers[Number(place)] = names.indexOf(String(model)) + 1;
    return numbers;
  }

  close(): void {
    this.#database.close();
  }

  /** The rows that a filter leaves; `undefined` for all. */
  marksOf(filter: RowFilter): Marks | undefined {
    const condition = this.#conditionOf(filter);
    if (condition.sql === undefined) return condition.marks;
    const marks = new Uint8Array(this.#count);
    for (const { place } of this.#all("SELECT r.place FROM row r WHERE", condition)) marks[Number(place)] = 1;
    return marks;
  }

  #pageOf(found: readonly Keyed[], limit: number): RowsOfPage {
    const rows = found.slice(0, limit).flatMap(({ place }) => this.get(place) ?? []);
    const last = found[limit - 1];
    return {
      rows,
      ...(found.length <= limit || last === undefined ? {} : { next: `${last.key}:${last.place}` }),
    };
  }

  /** What a filter asks: of what rows are measured by SQL, and of what is in their texts by marks. */
  #conditionOf({ text, column, marks: given = [], ...measured }: RowFilter): Condition {
    const looked = [
      ...given,
      ...(text === undefined ? [] : [this.#look(text, () => this.#cells.search(text, this.#count))]),
      ...(column === undefined ? [] : [this.#look(column, () => this.#cells.matching(column, this.#count))]),
    ];
    return { ...sqlOf(measured), marks: looked.length < 2 ? looked[0] : looked.reduce(inBoth) };
  }

  /** The rows of a statement that a condition, between its two parts, is true of. */
  #all(
    before: string,
    { sql = "1", values, marks }: Condition,
    after: string = "",
    valuesBefore: readonly number[] = [],
    valuesAfter: readonly number[] = [],
  ): Record<string, unknown>[] {
    this.#marks = marks;
    const condition = marks === undefined ? sql : `${sql} AND is_marked(r.place)`;
    const statement = this.#database.prepare(`${before} ${condition} ${after}`);
    return statement.all(...valuesBefore, ...values, ...valuesAfter);
  }

  #look(what: unknown, look: () => Marks): Marks {
    const key = JSON.stringify([this.#count, what]);
    const marks = this.#looked.get(key) ?? look();
    this.#looked.delete(key);
    this.#looked.set(key, marks);
    for (const oldest of this.#looked.keys()) {
      if (this.#looked.size <= MOST_LOOKED) break;
      this.#looked.delete(oldest);
    }
    return marks;
  }
}

const MOST_LOOKED = 4;

/** Some rows, and where the next ones begin. */
interface RowsOfPage {
  readonly rows: readonly IndexedRow[];
  readonly next?: string;
}

/** A row's place, and what it is ordered by. */
interface Keyed {
  readonly place: number;
  readonly key: number;
}

interface Condition extends SqlCondition {
  readonly marks: Marks | undefined;
}

function inBoth(marks: Marks, others: Marks): Marks {
  return marks.map((mark, at) => mark & (others[at] ?? 0));
}

function placesIn(marks: Marks, from: number, most: number): readonly Keyed[] {
  const places: Keyed[] = [];
  for (let place = from; places.length < most; place++) {
    place = marks.indexOf(1, place);
    if (place === -1) break;
    places.push({ place, key: 0 });
  }
  return places;
}

type Measures = readonly (string | number | null)[];

/** The columns of `row` behind its place. */
function measuresOf(read: ReadRow): Measures {
  const { index, state, failure, warnings, outputs, usage } = read;
  return [
    index,
    ROW_STATES.indexOf(state),
    failure?.code ?? null,
    failure === undefined ? null : failureKind(failure.message),
    warnings.length === 0 ? null : `,${[...new Set(warnings.map(({ code }) => code))].join(",")},`,
    outputs.reduce((sum, choice) => sum + choice.length, 0),
    usage.inputTokens,
    usage.outputTokens,
    read.attempts,
    read.durationMs ?? null,
    read.cost ?? null,
    read.sentAt ?? null,
    read.model ?? null,
    (read.origin ?? index) + 1,
  ];
}

function readCursor(after: string | undefined): [key: number, place: number] {
  if (after === undefined) return [Number.MAX_VALUE, -1];
  const [key, place] = after.split(":").map(Number);
  if (key === undefined || place === undefined || Number.isNaN(key) || Number.isNaN(place))
    throw new RangeError(`There is no page after ${after}`);
  return [key, place];
}

/** A row as {@linkcode RowIndex.add} has written it. */
function rowOf(content: unknown): ReadRow {
  const value = parseJson(String(content));
  if (!isObject(value)) throw new TypeError("The index of rows is damaged");
  const { input, ...others } = value as unknown as Omit<ReadRow, "row"> & { readonly input: Row };
  return { ...others, row: input };
}
