import { zstdCompressSync } from "node:zlib";
import type { Row } from "@parallel-parrot/core";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { ColumnGatherer, type GatheredColumn } from "../../columns/column-gatherer.ts";
import type { ColumnTypes } from "../../columns/column-type.ts";
import { schemaTypes, type SchemaColumns } from "../../columns/schema-columns.ts";
import type { RowEncoder } from "../../sink/row-writer.ts";
import { schemaOf, writtenType } from "./schema-elements.ts";

/** The piece of rows that are kept back. */
const NOTHING = new Uint8Array();

/** The end of a row group, for a file that ends there. */
interface Mark {
  readonly rows: number;
  readonly offset: number;
}

/** Writes rows as Parquet, a row group at a time. */
export class ParquetEncoder implements RowEncoder {
  readonly #columns: SchemaColumns;
  #file: GroupFile | undefined;
  #group: ColumnGatherer | undefined;
  #rows = 0;
  readonly #marks: Mark[] = [];

  constructor(columns: SchemaColumns) {
    this.#columns = columns;
  }

  encode(row: Row, index: number): Uint8Array {
    const group = this.#group ?? this.#begin(Object.keys(row));
    group.add(row, index);
    this.#rows += 1;
    return group.isFull ? this.rest() : NOTHING;
  }

  rest(): Uint8Array {
    const [file, group] = [this.#file, this.#group];
    if (file === undefined || group === undefined || group.rows === 0) return NOTHING;
    const { rows } = group;
    file.add(group.take(), rows);
    this.#marks.push({ rows: this.#rows, offset: file.offset });
    return file.take();
  }

  end(count: number): Uint8Array {
    if (this.#group === undefined) this.#begin([]);
    const groups = this.#marks.filter(({ rows }) => rows <= count);
    return this.#file?.end(groups.length, groups.at(-1)?.offset) ?? NOTHING;
  }

  #begin(ofRow: readonly string[]): ColumnGatherer {
    const types = schemaTypes(this.#columns, ofRow, writtenType);
    this.#file = new GroupFile(types);
    this.#group = new ColumnGatherer("Parquet", types);
    return this.#group;
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

  add(columns: readonly GatheredColumn[], rows: number): void {
    const columnData = columns.map(({ name, values }) => ({ name, data: values }));
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
