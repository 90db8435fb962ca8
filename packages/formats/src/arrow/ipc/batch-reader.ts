import type { ArrowArray, ArrowBatch } from "./arrow-array.ts";
import { dictionariesOf, type ArrowField, type ArrowSchema } from "./arrow-field.ts";
import {
  DICTIONARY_BATCH,
  RECORD_BATCH,
  SCHEMA,
  type ArrowMessage,
  type ArrowMessages,
} from "./arrow-message.ts";
import { readBatch } from "./read-batch.ts";

/** Reads the record batches of an input, and the dictionaries that they refer to. */
export class BatchReader {
  readonly #schema: ArrowSchema;
  readonly #messages: ArrowMessages;
  /** The fields whose cells lie in each dictionary. */
  readonly #fields: ReadonlyMap<number, ArrowField>;
  readonly #dictionaries = new Map<number, readonly ArrowArray[]>();

  constructor(schema: ArrowSchema, messages: ArrowMessages) {
    this.#schema = schema;
    this.#messages = messages;
    this.#fields = dictionariesOf(schema.fields);
  }

  /** The next record batch; `undefined` at the end. */
  async next(): Promise<ArrowBatch | undefined> {
    for (;;) {
      const message = await this.#messages.next();
      if (message === undefined) return undefined;
      if (message.kind === SCHEMA) throw new RangeError("it has a second schema; give each stream by itself");
      if (message.kind === DICTIONARY_BATCH) this.#addDictionary(message);
      if (message.kind === RECORD_BATCH) return readBatch(this.#schema.fields, message, this.#dictionaries);
    }
  }

  #addDictionary(message: ArrowMessage): void {
    const [id, header, isDelta] = [
      message.header.long(0),
      message.header.table(1),
      message.header.byte(2) !== 0,
    ];
    const field = this.#fields.get(id);
    if (field === undefined || header === undefined) throw new RangeError("it has a dictionary of no column");
    const { columns } = readBatch([field], { ...message, header }, this.#dictionaries);
    this.#dictionaries.set(id, [...(isDelta ? (this.#dictionaries.get(id) ?? []) : []), ...columns]);
  }
}
