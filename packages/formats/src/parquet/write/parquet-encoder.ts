import { zstdCompressSync } from "node:zlib";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { GatheredColumn } from "../../columns/column-gatherer.ts";
import type { ColumnTypes } from "../../columns/column-type.ts";
import { GroupEncoder, type GroupFile } from "../../columns/group-encoder.ts";
import type { SchemaColumns } from "../../columns/schema-columns.ts";
import { schemaOf, writtenType } from "./schema-elements.ts";

/** Writes rows as Parquet, a row group at a time. */
export class ParquetEncoder extends GroupEncoder {
  constructor(columns: SchemaColumns) {
    super({ name: "Parquet", written: writtenType, begin: (types) => new RowGroups(types) }, columns);
  }
}

/** The bytes of a Parquet file, which are taken away as they come. */
class RowGroups implements GroupFile {
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  /** Where each row group ends. */
  readonly #ends: number[] = [];

  constructor(types: ColumnTypes) {
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: schemaOf(types),
      codec: "ZSTD",
      compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
      createdBy: "parallel-parrot",
    });
  }

  add(columns: readonly GatheredColumn[], rows: number): Uint8Array {
    const columnData = columns.map(({ name, values }) => ({ name, data: values }));
    void this.#writer.write({ columnData, rowGroupSize: rows });
    this.#ends.push(this.#bytes.offset);
    return this.#take();
  }

  end(groups: number): Uint8Array {
    const writer = this.#writer;
    if (groups < writer.row_groups.length) {
      const columns = writer.row_groups[0]?.columns.length ?? 0;
      writer.row_groups.length = groups;
      writer.pendingIndexes.length = groups * columns;
      writer.num_rows = writer.row_groups.reduce((sum, { num_rows }) => sum + num_rows, 0n);
      this.#bytes.index = 0;
      this.#bytes.offset = this.#ends[groups - 1] ?? 0;
    }
    void writer.finish();
    return this.#take();
  }

  /** What was added since the last time. */
  #take(): Uint8Array {
    const piece = this.#bytes.getBytes().slice();
    this.#bytes.index = 0;
    return piece;
  }
}
