import type { Row } from "@parallel-parrot/core";
import { ColumnGatherer } from "../../columns/column-gatherer.ts";
import { schemaTypes, type SchemaColumns } from "../../columns/schema-columns.ts";
import type { RowEncoder } from "../../sink/row-writer.ts";
import type { ArrowSchema } from "../ipc/arrow-field.ts";
import {
  batchMessage,
  fileEnd,
  FILE_START,
  schemaMessage,
  STREAM_END,
  type MessageBlock,
} from "../ipc/write-messages.ts";
import { arrayOf } from "./array-of.ts";
import { fieldOf } from "./field-of.ts";

/** The piece of rows that are kept back. */
const NOTHING = new Uint8Array();

/** A record batch that was written: where it lies, and how many rows there were at its end. */
interface WrittenBatch extends MessageBlock {
  readonly rows: number;
}

/** Writes rows as Arrow, a record batch at a time: as a file, which has a footer, or as a stream, which has none. */
export class ArrowEncoder implements RowEncoder {
  readonly #columns: SchemaColumns;
  readonly #form: "file" | "stream";
  #schema: ArrowSchema | undefined;
  #group: ColumnGatherer | undefined;
  #rows = 0;
  #offset = 0;
  readonly #batches: WrittenBatch[] = [];

  constructor(columns: SchemaColumns, form: "file" | "stream") {
    this.#columns = columns;
    this.#form = form;
  }

  encode(row: Row, index: number): Uint8Array {
    const group = this.#group ?? this.#begin(Object.keys(row));
    group.add(row, index);
    this.#rows += 1;
    return group.isFull ? this.rest() : NOTHING;
  }

  rest(): Uint8Array {
    const [schema, group] = [this.#schema, this.#group];
    if (schema === undefined || group === undefined || group.rows === 0) return NOTHING;
    // What stands before the first rows comes with them: where they cannot be written, neither can that.
    const start = this.#offset === 0 ? this.#start(schema) : NOTHING;
    const length = group.rows;
    const gathered = group.take();
    const columns = schema.fields.map((field, place) => arrayOf(field, gathered[place]?.values ?? []));
    const { bytes, ...block } = batchMessage(schema.fields, { length, columns });
    const offset = this.#offset + start.length;
    this.#batches.push({ ...block, offset, rows: this.#rows });
    this.#offset = offset + bytes.length;
    return Buffer.concat([start, bytes]);
  }

  end(count: number): Uint8Array {
    if (this.#schema === undefined) this.#begin([]);
    const schema = this.#schema ?? { fields: [], metadata: new Map() };
    const batches = this.#batches.filter(({ rows }) => rows <= count);
    const end = this.#form === "file" ? fileEnd(schema, batches) : STREAM_END;
    return batches.length === 0 ? Buffer.concat([this.#start(schema), end]) : end;
  }

  #begin(ofRow: readonly string[]): ColumnGatherer {
    const types = schemaTypes(this.#columns, ofRow, (type) => type);
    const fields = [...types].map(([name, type]) => fieldOf(name, type));
    this.#schema = { fields, metadata: new Map() };
    this.#group = new ColumnGatherer("Arrow", types);
    return this.#group;
  }

  #start(schema: ArrowSchema): Uint8Array {
    const { bytes } = schemaMessage(schema);
    return this.#form === "file" ? Buffer.concat([FILE_START, bytes]) : bytes;
  }
}
