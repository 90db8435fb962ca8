import { bitAt, bitsOf, bytesOf, type ArrowArray, type ArrowBatch } from "./arrow-array.ts";
import type { ArrowField, ArrowSchema } from "./arrow-field.ts";
import { byte, flatBytes, long, ref, short, type FlatField, type FlatNode } from "./flatbuffer-writer.ts";
import { DICTIONARY_BATCH, MAGIC, RECORD_BATCH, SCHEMA } from "./arrow-message.ts";
import { schemaNode } from "./write-schema.ts";

/** The version of the messages. */
const V5 = 4;
const CONTINUATION = [0xff, 0xff, 0xff, 0xff];

/** Where a message lies in a file, for its footer. */
export interface MessageBlock {
  readonly offset: number;
  readonly metadataLength: number;
  readonly bodyLength: number;
}

/** A message as bytes. */
export interface WrittenMessage {
  readonly bytes: Uint8Array;
  readonly metadataLength: number;
  readonly bodyLength: number;
}

/** What a file begins with, in place of the first message of a stream. */
export const FILE_START: Uint8Array = Buffer.from(`${MAGIC}\0\0`);
/** What tells the end of a stream. */
export const STREAM_END: Uint8Array = Uint8Array.of(...CONTINUATION, 0, 0, 0, 0);

export function schemaMessage(schema: ArrowSchema): WrittenMessage {
  return messageOf(SCHEMA, schemaNode(schema), NO_BODY);
}

export function batchMessage(fields: readonly ArrowField[], batch: ArrowBatch): WrittenMessage {
  const { node, body } = batchNode(fields, batch);
  return messageOf(RECORD_BATCH, node, body);
}

export function dictionaryMessage(
  field: ArrowField,
  id: number,
  values: ArrowArray,
  isDelta: boolean,
): WrittenMessage {
  const { node, body } = batchNode([{ ...field, dictionary: undefined }], {
    length: values.length,
    columns: [values],
  });
  return messageOf(DICTIONARY_BATCH, { table: [long(id), ref(node), byte(isDelta ? 1 : 0)] }, body);
}

/** What a file ends with, behind its last message. */
export function fileEnd(
  schema: ArrowSchema,
  batches: readonly MessageBlock[],
  dictionaries: readonly MessageBlock[] = [],
): Uint8Array {
  const footer = flatBytes({
    table: [short(V5), ref(schemaNode(schema)), ref(blocksNode(dictionaries)), ref(blocksNode(batches))],
  });
  const length = Buffer.alloc(4);
  length.writeInt32LE(footer.length);
  return Buffer.concat([STREAM_END, footer, length, Buffer.from(MAGIC)]);
}

function blocksNode(blocks: readonly MessageBlock[]): FlatNode {
  const structs = Buffer.alloc(24 * blocks.length);
  for (const [place, { offset, metadataLength, bodyLength }] of blocks.entries()) {
    structs.writeBigInt64LE(BigInt(offset), 24 * place);
    structs.writeInt32LE(metadataLength, 24 * place + 8);
    structs.writeBigInt64LE(BigInt(bodyLength), 24 * place + 16);
  }
  return { structs, count: blocks.length };
}

interface Body {
  readonly parts: readonly Uint8Array[];
  readonly length: number;
}

const NO_BODY: Body = { parts: [], length: 0 };

function messageOf(kind: number, header: FlatNode, body: Body): WrittenMessage {
  const metadata = flatBytes({ table: [short(V5), byte(kind), ref(header), long(body.length)] });
  const start = Buffer.alloc(8);
  start.set(CONTINUATION);
  start.writeInt32LE(metadata.length, 4);
  return {
    bytes: Buffer.concat([start, metadata, ...body.parts]),
    metadataLength: start.length + metadata.length,
    bodyLength: body.length,
  };
}

function batchNode(
  fields: readonly ArrowField[],
  { length, columns }: ArrowBatch,
): { readonly node: FlatNode; readonly body: Body } {
  const parts = new BodyParts();
  for (const [place, field] of fields.entries()) {
    const column = columns[place];
    if (column !== undefined) parts.add(field, column);
  }
  return { node: { table: [long(length), ...parts.tables] }, body: parts };
}

/** Gathers the arrays of a batch, in the order of the fields. */
class BodyParts implements Body {
  readonly parts: Uint8Array[] = [];
  length = 0;
  readonly #nodes: number[] = [];
  readonly #buffers: number[] = [];
  readonly #variadic: number[] = [];

  get tables(): readonly FlatField[] {
    const { length } = this.#variadic;
    return [
      longsField(this.#nodes, 2),
      longsField(this.#buffers, 2),
      undefined,
      length === 0 ? undefined : longsField(this.#variadic, 1),
    ];
  }

  add({ type, children, dictionary }: ArrowField, array: ArrowArray): void {
    const isReference = dictionary !== undefined;
    const nulls = type.type === "null" && !isReference ? array.length : countNulls(array);
    this.#nodes.push(array.length, nulls);
    if (!isReference && (type.type === "null" || type.type === "runs")) {
      this.#addChildren(children, array);
      return;
    }
    if (type.type !== "union" || isReference)
      this.#add(nulls === 0 ? undefined : bitsFrom(array.nullBitmap, array));
    if (type.type === "union" && !isReference) this.#add(array.typeIds);
    if (!isReference && array.valueOffsets !== undefined) this.#add(array.valueOffsets);
    if (!isReference && array.sizes !== undefined) this.#add(array.sizes);
    if (array.values !== undefined)
      this.#add(type.type === "bool" && !isReference ? bitsFrom(bytesOf(array.values), array) : array.values);
    if (isReference) return;
    if (type.type === "utf8View" || type.type === "binaryView") {
      const buffers = array.variadicBuffers ?? [];
      this.#variadic.push(buffers.length);
      for (const buffer of buffers) this.#add(buffer);
    }
    this.#addChildren(children, array);
  }

  #addChildren(fields: readonly ArrowField[], { children }: ArrowArray): void {
    for (const [place, field] of fields.entries()) {
      const child = children[place];
      if (child !== undefined) this.add(field, child);
    }
  }

  #add(values: ArrayBufferView | undefined): void {
    const bytes = bytesOf(values);
    this.#buffers.push(this.length, bytes.length);
    const padding = -bytes.length & 7;
    this.parts.push(bytes, new Uint8Array(padding));
    this.length += bytes.length + padding;
  }
}

/** Integers of 64 bits, so many of them in an item. */
function longsField(numbers: readonly number[], perItem: number): FlatField {
  const structs = new Uint8Array(BigInt64Array.from(numbers.map(BigInt)).buffer);
  return ref({ structs, count: numbers.length / perItem });
}

function countNulls({ nullBitmap, offset, length }: ArrowArray): number {
  if (nullBitmap.length === 0) return 0;
  let nulls = 0;
  for (let place = offset; place < offset + length; place += 1) if (!bitAt(nullBitmap, place)) nulls += 1;
  return nulls;
}

/** The bits of an array from its first cell on. */
function bitsFrom(bits: Uint8Array, { offset, length }: ArrowArray): Uint8Array {
  if (offset === 0) return bits.subarray(0, Math.ceil(length / 8));
  return bitsOf(length, (place) => bitAt(bits, offset + place));
}
