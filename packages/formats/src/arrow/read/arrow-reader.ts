import { isParrotError, messageOf, setCell, type Row } from "@parallel-parrot/core";
import type { ColumnTypes } from "../../columns/column-type.ts";
import type { ByteReader } from "../../source/byte-reader.ts";
import { emptyInput, invalidInput, type InputName } from "../../source/input-name.ts";
import type { RowReader } from "../../source/row-source.ts";
import type { ArrowBatch } from "../ipc/arrow-array.ts";
import { dictionariesOf, type ArrowSchema } from "../ipc/arrow-field.ts";
import {
  CutOff,
  DICTIONARY_BATCH,
  MessageReader,
  NotArrow,
  RECORD_BATCH,
  SCHEMA,
  type ArrowMessage,
} from "../ipc/message-reader.ts";
import { readBatch, type Dictionaries } from "../ipc/read-batch.ts";
import { readSchema } from "../ipc/read-schema.ts";
import { cellsOf, type CellAt, type CellNumbers } from "./cells-of.ts";
import { columnTypeOf } from "./column-type-of.ts";

/** Rows that are handed on together. */
const PACKET_ROWS = 1000;
/** The version of messages since which unions have no nulls of their own. */
const V5 = 4;

/** How an input is read. */
export interface ArrowReaderOptions extends CellNumbers {
  /** Called before the first byte is read. */
  readonly onOpen: () => Promise<void>;
  /** Called when everything was read without a fault. */
  readonly onEnd: () => void;
}

/** Reads the rows of a file or stream of Arrow, one record batch at a time. */
export class ArrowReader implements RowReader {
  readonly #messages: MessageReader;
  readonly #name: InputName;
  readonly #options: ArrowReaderOptions;
  readonly #dictionaries: Dictionaries = new Map();
  #opening: Promise<ArrowSchema> | undefined;
  #ended = false;
  #row = 0;
  #batch: OpenBatch | undefined;

  constructor(bytes: ByteReader, name: InputName, options: ArrowReaderOptions) {
    this.#messages = new MessageReader(bytes);
    this.#name = name;
    this.#options = options;
  }

  async columns(): Promise<readonly string[]> {
    return (await this.#open()).fields.map(({ name }) => name);
  }

  async columnTypes(): Promise<ColumnTypes> {
    return new Map((await this.#open()).fields.map((field) => [field.name, columnTypeOf(field)]));
  }

  async read(): Promise<readonly Row[]> {
    if (this.#ended) return [];
    const schema = await this.#open();
    return this.#orFail(async () => {
      while (this.#batch === undefined || this.#batch.isRead) {
        this.#batch = await this.#nextBatch(schema);
        if (this.#batch !== undefined) continue;
        // A cancel also ends the bytes, and not at the end of the input.
        if (!this.#ended) this.#options.onEnd();
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
    await this.#messages.cancel(reason);
  }

  #open(): Promise<ArrowSchema> {
    this.#opening ??= this.#orFail(async () => {
      await this.#options.onOpen();
      const message = await this.#firstMessage();
      if (message === undefined) throw emptyInput(this.#name);
      if (message.kind !== SCHEMA) throw new NotArrow();
      const schema = readSchema(message.header);
      this.#requireNames(schema);
      return schema;
    });
    return this.#opening;
  }

  async #firstMessage(): Promise<ArrowMessage | undefined> {
    try {
      return await this.#messages.next();
    } catch (error) {
      // What has no mark of Arrow and cannot be read is something else.
      if (this.#messages.hasMark || isParrotError(error) || error instanceof NotArrow) throw error;
      throw new NotArrow(undefined, { cause: error });
    }
  }

  #requireNames({ fields }: ArrowSchema): void {
    const names = new Set<string>();
    for (const { name } of fields) {
      if (names.has(name))
        throw invalidInput(this.#name, {}, `it has two columns called "${name}"; write it with other names`);
      names.add(name);
    }
  }

  async #nextBatch(schema: ArrowSchema): Promise<OpenBatch | undefined> {
    for (;;) {
      const message = await this.#messages.next();
      if (message === undefined) return undefined;
      if (message.kind === DICTIONARY_BATCH) this.#addDictionary(schema, message);
      if (message.kind === SCHEMA) throw new RangeError("it has a second schema; give each stream by itself");
      if (message.kind !== RECORD_BATCH) continue;
      const { header, body, version } = message;
      const batch = readBatch(schema.fields, { header, body, isBeforeV5: version < V5 }, this.#dictionaries);
      return new OpenBatch(schema, batch, this.#options);
    }
  }

  #addDictionary(schema: ArrowSchema, { header, body, version }: ArrowMessage): void {
    const [id, data, isDelta] = [header.long(0), header.table(1), header.byte(2) !== 0];
    const field = dictionariesOf(schema.fields).get(id);
    if (field === undefined || data === undefined) throw new RangeError("it has a dictionary of no column");
    const message = { header: data, body, isBeforeV5: version < V5 };
    const { columns } = readBatch([field], message, this.#dictionaries);
    const before = isDelta ? (this.#dictionaries.get(id) ?? []) : [];
    this.#dictionaries.set(id, [...before, ...columns]);
  }

  async #orFail<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      await this.cancel(error).catch(() => undefined);
      throw isParrotError(error) ? error : this.#describe(error);
    }
  }

  #describe(cause: unknown): Error {
    const after = this.#row === 0 ? "" : ` after row ${this.#row}`;
    const at = this.#row === 0 ? {} : { row: this.#row };
    const name = this.#name;
    if (cause instanceof CutOff) return invalidInput(name, at, `it ends${after} where more was told; is it cut off?`, { cause });
    if (cause instanceof NotArrow && cause.message !== "")
      return invalidInput(name, {}, "it is a file of Feather version 1; write it anew with version 2", { cause });
    if (cause instanceof NotArrow)
      return invalidInput(
        name,
        {},
        'it is neither a file nor a stream of Arrow; name its format in the option "format"',
        { cause, option: "format" },
      );
    return invalidInput(name, at, `it cannot be read${after} (${messageOf(cause)}); is it damaged?`, { cause });
  }
}

/** A record batch whose rows are taken from its beginning on. */
class OpenBatch {
  readonly #columns: readonly (readonly [name: string, cell: CellAt])[];
  readonly #length: number;
  #next = 0;

  constructor({ fields }: ArrowSchema, { columns, length }: ArrowBatch, numbers: CellNumbers) {
    this.#length = length;
    this.#columns = columns.flatMap((column, place) => {
      const field = fields[place];
      return field === undefined ? [] : [[field.name, cellsOf(field, column, numbers)] as const];
    });
  }

  get isRead(): boolean {
    return this.#next >= this.#length;
  }

  take(count: number): readonly Row[] {
    const end = Math.min(this.#next + count, this.#length);
    const rows: Row[] = [];
    for (; this.#next < end; this.#next += 1) {
      const row: Row = {};
      for (const [name, cell] of this.#columns) setCell(row, name, cell(this.#next));
      rows.push(row);
    }
    return rows;
  }
}
