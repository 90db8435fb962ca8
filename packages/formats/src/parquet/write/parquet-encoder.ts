import { zstdCompressSync } from "node:zlib";
import { getCell, ParrotError, rowName, type Row } from "@parallel-parrot/core";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { TEXT, type ColumnTypes } from "../../columns/column-type.ts";
import type { RowEncoder } from "../../sink/row-writer.ts";
import { UnwritableCell } from "../../sink/unwritable-row.ts";
import { schemaOf, writtenType } from "./schema-elements.ts";
import { toStored, type ToStored } from "../../columns/stored-value.ts";

/** A row group ends at so many rows, or about so many bytes: it is in memory until then. */
const GROUP_ROWS = 20_000;
const GROUP_BYTES = 16 * 2 ** 20;

/** The piece of rows that are kept back. */
const NOTHING = new Uint8Array();

/** Which columns a file has. */
export interface ParquetDialect {
  /** The columns that come first, in this order. */
  readonly columns: readonly string[];
  /** The types of those that have one; any other column is text. */
  readonly columnTypes: ColumnTypes;
}

/** What a column needs to take cells. */
interface Column {
  readonly name: string;
  readonly toStored: ToStored;
  /** The values of the row group that is gathered. */
  values: unknown[];
}

/** The end of a row group, for a file that ends there. */
interface Mark {
  readonly rows: number;
  readonly offset: number;
}

/** Writes rows as Parquet, a row group at a time. */
export class ParquetEncoder implements RowEncoder {
  readonly #dialect: ParquetDialect;
  #file: GroupFile | undefined;
  #columns: readonly Column[] = [];
  #known: ReadonlySet<string> = new Set();
  #rows = 0;
  #gathered = 0;
  #bytes = 0;
  readonly #marks: Mark[] = [];

  constructor(dialect: ParquetDialect) {
    this.#dialect = dialect;
  }

  encode(row: Row, index: number): Uint8Array {
    if (this.#columns.length === 0) this.#begin(Object.keys(row));
    for (const column of Object.keys(row)) if (!this.#known.has(column)) throw newColumn(column, index);
    // Before any of them is kept: where one throws, the row is not in the file.
    const values = this.#columns.map((column) => storedOf(row, column));
    for (const [place, column] of this.#columns.entries()) {
      column.values.push(values[place]);
      this.#bytes += sizeOf(values[place]);
    }
    this.#rows += 1;
    this.#gathered += 1;
    return this.#gathered >= GROUP_ROWS || this.#bytes >= GROUP_BYTES ? this.rest() : NOTHING;
  }

  rest(): Uint8Array {
    if (this.#file === undefined || this.#gathered === 0) return NOTHING;
    const file = this.#file;
    const columnData = this.#columns.map(({ name, values }) => ({ name, data: values }));
    for (const column of this.#columns) column.values = [];
    file.add(columnData, this.#gathered);
    this.#gathered = 0;
    this.#bytes = 0;
    this.#marks.push({ rows: this.#rows, offset: file.offset });
    return file.take();
  }

  end(count: number): Uint8Array {
    if (this.#file === undefined) this.#begin([]);
    const groups = this.#marks.filter(({ rows }) => rows <= count);
    return this.#file?.end(groups.length, groups.at(-1)?.offset) ?? NOTHING;
  }

  #begin(ofRow: readonly string[]): void {
    const { columns, columnTypes } = this.#dialect;
    const named = new Set([...columns, ...columnTypes.keys()]);
    const names = named.size === 0 ? ofRow : [...named];
    const types = new Map(names.map((name) => [name, writtenType(columnTypes.get(name) ?? TEXT)]));
    this.#columns = [...types].map(([name, type]) => ({ name, toStored: toStored(type), values: [] }));
    this.#known = new Set(names);
    this.#file = new GroupFile(types);
  }
}

/** The bytes of a Parquet file, which are taken away as they come. */
class GroupFile {
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;

  constructor(types: ColumnTypes) {
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: schemaOf(types),
      codec: "ZSTD",
      compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
      createdBy: "parallel-parrot",
    });
  }

  /** How long the file is so far. */
  get offset(): number {
    return this.#bytes.offset;
  }

  add(columnData: { readonly name: string; readonly data: unknown[] }[], rows: number): void {
    void this.#writer.write({ columnData, rowGroupSize: rows });
  }

  /** What was added since the last time. */
  take(): Uint8Array {
    const piece = this.#bytes.getBytes().slice();
    this.#bytes.index = 0;
    return piece;
  }

  /** The footer after the first row groups, which end at the offset. */
  end(groups: number, offset: number | undefined): Uint8Array {
    const writer = this.#writer;
    if (groups < writer.row_groups.length) {
      const columns = writer.row_groups[0]?.columns.length ?? 0;
      writer.row_groups.length = groups;
      writer.pendingIndexes.length = groups * columns;
      writer.num_rows = writer.row_groups.reduce((sum, { num_rows }) => sum + num_rows, 0n);
      this.#bytes.index = 0;
      this.#bytes.offset = offset ?? 0;
    }
    void writer.finish();
    return this.take();
  }
}

function storedOf(row: Row, { name, toStored }: Column): unknown {
  try {
    return toStored(getCell(row, name));
  } catch (error) {
    throw new UnwritableCell(error, name, "Parquet");
  }
}

/** About how many bytes a value takes. */
function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length + 8;
  if (value instanceof Uint8Array) return value.length + 8;
  if (typeof value !== "object" || value === null) return 8;
  let size = 8;
  for (const inner of Array.isArray(value) ? (value as unknown[]) : Object.values(value))
    size += sizeOf(inner);
  return size;
}

function newColumn(column: string, row: number): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    `Cannot write ${rowName(row)} as Parquet: its column "${column}" is not in the schema, which stands before the first row; ` +
      `name all columns in the option "columns", or write jsonl`,
    { row, column, option: "columns" },
  );
}
