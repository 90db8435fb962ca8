import type { GatheredColumn } from "../../columns/column-gatherer.ts";
import type { ColumnTypes } from "../../columns/column-type.ts";
import { GroupEncoder, type GroupFile } from "../../columns/group-encoder.ts";
import type { SchemaColumns } from "../../columns/schema-columns.ts";
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

/** Whether there is a footer, which a file has and a stream has not. */
type ArrowForm = "file" | "stream";

/** Writes rows as Arrow, a record batch at a time. */
export class ArrowEncoder extends GroupEncoder {
  constructor(columns: SchemaColumns, form: ArrowForm) {
    super({ name: "Arrow", begin: (types) => new BatchFile(types, form) }, columns);
  }
}

/** The bytes of a file or stream of record batches. */
class BatchFile implements GroupFile {
  readonly #form: ArrowForm;
  readonly #schema: ArrowSchema;
  #offset = 0;
  readonly #batches: MessageBlock[] = [];

  constructor(types: ColumnTypes, form: ArrowForm) {
    this.#form = form;
    this.#schema = { fields: [...types].map(([name, type]) => fieldOf(name, type)), metadata: new Map() };
  }

  add(gathered: readonly GatheredColumn[], length: number): Uint8Array {
    const { fields } = this.#schema;
    const columns = fields.map((field, place) => arrayOf(field, gathered[place]?.values ?? []));
    const { bytes, ...block } = batchMessage(fields, { length, columns });
    // What stands before the first rows comes with them: where they cannot be written, neither can that.
    const start = this.#offset === 0 ? this.#start() : [];
    const offset = start.reduce((sum, part) => sum + part.length, this.#offset);
    this.#batches.push({ ...block, offset });
    this.#offset = offset + bytes.length;
    return Buffer.concat([...start, bytes]);
  }

  end(groups: number): Uint8Array {
    const end = this.#form === "file" ? fileEnd(this.#schema, this.#batches.slice(0, groups)) : STREAM_END;
    return groups === 0 ? Buffer.concat([...this.#start(), end]) : end;
  }

  #start(): readonly Uint8Array[] {
    const { bytes } = schemaMessage(this.#schema);
    return this.#form === "file" ? [FILE_START, bytes] : [bytes];
  }
}
