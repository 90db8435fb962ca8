import { isParrotError, messageOf, type Row } from "@parallel-parrot/core";
import type { ColumnTypes } from "../../columns/column-type.ts";
import { requireDistinctNames } from "../../columns/distinct-names.ts";
import { emptyInput, invalidInput, type InputName } from "../../source/input-name.ts";
import type { CellNumbers } from "../../source/long-numbers.ts";
import { notSeekable } from "../../source/random-access-file.ts";
import type { RowReader } from "../../source/row-source.ts";
import type { ArrowSchema } from "../ipc/arrow-field.ts";
import { CutOff, NotArrow } from "../ipc/arrow-message.ts";
import { BatchReader } from "../ipc/batch-reader.ts";
import { NotInOrder } from "../ipc/stream-messages.ts";
import { BatchRows } from "./batch-rows.ts";
import { columnTypeOf } from "./column-type-of.ts";
import type { OpenedArrow } from "./open-arrow.ts";

/** Rows that are handed on together. */
const PACKET_ROWS = 1000;
/** No more are handed on together once they take so many bytes. */
const PACKET_BYTES = 16 * 2 ** 20;

interface Reading {
  readonly input: OpenedArrow;
  readonly batches: BatchReader;
  readonly schema: ArrowSchema;
}

/** Reads the rows of a file or stream of Arrow, one record batch at a time. */
export class ArrowReader implements RowReader {
  readonly #openInput: () => Promise<OpenedArrow>;
  readonly #name: InputName;
  readonly #numbers: CellNumbers;
  #input: OpenedArrow | undefined;
  #opening: Promise<Reading> | undefined;
  #ended = false;
  #row = 0;
  #batch: OpenBatch | undefined;

  constructor(openInput: () => Promise<OpenedArrow>, name: InputName, numbers: CellNumbers) {
    this.#openInput = openInput;
    this.#name = name;
    this.#numbers = numbers;
  }

  async columns(): Promise<readonly string[]> {
    return (await this.#open()).schema.fields.map(({ name }) => name);
  }

  async columnTypes(): Promise<ColumnTypes> {
    const { schema } = await this.#open();
    return new Map(schema.fields.map((field) => [field.name, columnTypeOf(field)]));
  }

  async read(): Promise<readonly Row[]> {
    if (this.#ended) return [];
    const { batches, schema, input } = await this.#open();
    return this.#orFail(async () => {
      while (this.#batch === undefined || this.#batch.isRead) {
        const batch = await batches.next();
        if (batch !== undefined) {
          this.#batch = new OpenBatch(new BatchRows(schema.fields, batch, this.#numbers));
          continue;
        }
        // A cancel also ends the bytes, and not at the end of the input.
        if (!this.#ended) await input.finish();
        await this.cancel(undefined);
        return [];
      }
      const rows = this.#batch.take(PACKET_ROWS);
      this.#row += rows.length;
      return rows;
    });
  }

  async cancel(reason: unknown): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    // Waits for an opening in progress, or its descriptor would stay.
    await this.#opening?.catch(() => undefined);
    await this.#input?.close(reason);
  }

  #open(): Promise<Reading> {
    this.#opening ??= this.#orFail(async () => {
      const input = await this.#openInput();
      this.#input = input;
      const schema = await input.messages.schema();
      if (schema === undefined) throw emptyInput(this.#name);
      requireDistinctNames(
        schema.fields.map(({ name }) => name),
        this.#name,
      );
      return { input, schema, batches: new BatchReader(schema, input.messages) };
    });
    return this.#opening;
  }

  async #orFail<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      this.#ended = true;
      await this.#input?.close(error).catch(() => undefined);
      throw isParrotError(error) ? error : this.#describe(error);
    }
  }

  #describe(cause: unknown): Error {
    const after = this.#row === 0 ? "" : ` after row ${this.#row}`;
    const at = this.#row === 0 ? {} : { row: this.#row };
    const name = this.#name;
    if (cause instanceof CutOff)
      return invalidInput(name, at, `it ends${after} where more was told; is it cut off?`, { cause });
    if (cause instanceof NotArrow && cause.message !== "")
      return invalidInput(name, {}, "it is a file of Feather version 1; write it anew with version 2", {
        cause,
      });
    if (cause instanceof NotInOrder) return notSeekable(name, "Such a file of Arrow");
    if (cause instanceof NotArrow)
      return invalidInput(
        name,
        {},
        "it is neither a file nor a stream of Arrow; set the option format to what it is",
        { cause, option: "format" },
      );
    return invalidInput(name, at, `it cannot be read${after} (${messageOf(cause)}); is it damaged?`, {
      cause,
    });
  }
}

/** A record batch whose rows are taken from its beginning on. */
class OpenBatch {
  readonly #rows: BatchRows;
  #next = 0;

  constructor(rows: BatchRows) {
    this.#rows = rows;
  }

  get isRead(): boolean {
    return this.#next >= this.#rows.length;
  }

  /** The next rows, up to so many; fewer where they are large. */
  take(count: number): readonly Row[] {
    const end = Math.min(this.#next + count, this.#rows.length);
    const rows: Row[] = [];
    for (let bytes = 0; this.#next < end && bytes < PACKET_BYTES; this.#next += 1) {
      rows.push(this.#rows.at(this.#next));
      bytes += this.#rows.lastSize;
    }
    return rows;
  }
}
