import type { ArrowArray, ArrowBatch } from "./arrow-array.ts";
import type { ArrowField, ArrowSchema } from "./arrow-field.ts";
import {
  batchMessage,
  dictionaryMessage,
  fileEnd,
  FILE_START,
  schemaMessage,
  STREAM_END,
  type MessageBlock,
  type WrittenMessage,
} from "./write-messages.ts";

/** A whole table as bytes, with its dictionaries: as a file, which has a footer, or as a stream, which has none. */
export function writeTable(
  schema: ArrowSchema,
  batches: readonly ArrowBatch[],
  form: "file" | "stream",
): Uint8Array {
  const writer = new TableWriter(schema, form);
  for (const batch of batches) writer.add(batch);
  return writer.end();
}

class TableWriter {
  readonly #schema: ArrowSchema;
  readonly #form: "file" | "stream";
  readonly #pieces: Uint8Array[] = [];
  #offset = 0;
  readonly #batches: MessageBlock[] = [];
  readonly #dictionaries: MessageBlock[] = [];
  /** What was written of each dictionary. */
  readonly #known = new Map<number, readonly ArrowArray[]>();

  constructor(schema: ArrowSchema, form: "file" | "stream") {
    this.#schema = schema;
    this.#form = form;
    if (form === "file") this.#push(FILE_START);
    this.#push(schemaMessage(schema).bytes);
  }

  add(batch: ArrowBatch): void {
    for (const [place, field] of this.#schema.fields.entries())
      this.#addDictionaries(field, batch.columns[place]);
    this.#batches.push(this.#write(batchMessage(this.#schema.fields, batch)));
  }

  end(): Uint8Array {
    this.#push(this.#form === "file" ? fileEnd(this.#schema, this.#batches, this.#dictionaries) : STREAM_END);
    return Buffer.concat(this.#pieces);
  }

  #addDictionaries(field: ArrowField, array: ArrowArray | undefined): void {
    if (array === undefined) return;
    if (field.dictionary === undefined) {
      for (const [place, child] of field.children.entries())
        this.#addDictionaries(child, array.children[place]);
      return;
    }
    const { id } = field.dictionary;
    const parts = array.dictionary?.data ?? [];
    const known = this.#known.get(id) ?? [];
    if (
      this.#known.has(id) &&
      parts.length === known.length &&
      parts.every((part, place) => part === known[place])
    )
      return;
    // Dictionaries in a dictionary come before it.
    for (const part of parts) this.#addDictionaries({ ...field, dictionary: undefined }, part);
    const grows = known.length > 0 && known.every((part, place) => part === parts[place]);
    for (const [place, part] of parts.entries()) {
      if (grows && place < known.length) continue;
      this.#dictionaries.push(this.#write(dictionaryMessage(field, id, part, place > 0)));
    }
    this.#known.set(id, parts);
  }

  #write({ bytes, ...lengths }: WrittenMessage): MessageBlock {
    const block = { ...lengths, offset: this.#offset };
    this.#push(bytes);
    return block;
  }

  #push(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#offset += bytes.length;
  }
}
