import { bytesOf, type ArrowArray, type ArrowBatch } from "./arrow-array.ts";
import { dictionariesOf, type ArrowField, type ArrowSchema } from "./arrow-field.ts";
import {
  DICTIONARY_BATCH,
  MAX_BATCH_BYTES,
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
  /** Whether a dictionary has others in it, which it keeps as they were when it came. */
  readonly #areNested: boolean;
  #held = 0;

  constructor(schema: ArrowSchema, messages: ArrowMessages) {
    this.#schema = schema;
    this.#messages = messages;
    this.#fields = dictionariesOf(schema.fields);
    this.#areNested = [...this.#fields.values()].some(({ children }) => dictionariesOf(children).size > 0);
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
    const earlier = this.#dictionaries.get(id) ?? [];
    if (!isDelta && !this.#areNested) this.#held -= heldBy(earlier);
    this.#held += heldBy(columns);
    if (this.#held > MAX_BATCH_BYTES)
      throw new RangeError(
        `its dictionaries have more than ${MAX_BATCH_BYTES} bytes together; write it without dictionaries`,
      );
    this.#dictionaries.set(id, [...(isDelta ? earlier : []), ...columns]);
  }
}

/** The bytes of arrays, without those of the dictionaries in them, which are counted by themselves. */
function heldBy(arrays: readonly ArrowArray[]): number {
  let held = 0;
  for (const { nullBitmap, values, valueOffsets, sizes, typeIds, variadicBuffers = [], children } of arrays) {
    for (const part of [nullBitmap, values, valueOffsets, sizes, typeIds, ...variadicBuffers])
      held += bytesOf(part).length;
    held += heldBy(children);
  }
  return held;
}
