import type { ArrowArray, ArrowBatch } from "./arrow-array.ts";
import { bytesOf } from "./arrow-array.ts";
import type { ArrowField } from "./arrow-field.ts";
import { MAX_BATCH_BYTES, type ArrowMessage } from "./arrow-message.ts";
import { decompressBuffer, type BufferCodec } from "./buffer-codec.ts";
import { isFixed, widthOf } from "./fixed-type.ts";

/** The dictionaries so far, by their numbers. Each may come in parts. */
type Dictionaries = ReadonlyMap<number, readonly ArrowArray[]>;

/** What is said of a record batch, and its body. */
type BatchMessage = Pick<ArrowMessage, "header" | "body" | "isBeforeV5">;

/** Most cells of an array, by the format. What has no bytes, such as nulls, could claim any number. */
const MAX_LENGTH = 2 ** 31 - 1;

/** The arrays of a record batch. Throws where they do not fit what was said of them. */
export function readBatch(
  fields: readonly ArrowField[],
  message: BatchMessage,
  dictionaries: Dictionaries,
): ArrowBatch {
  const length = message.header.long(0);
  const parts = new BatchParts(message, dictionaries);
  const columns = fields.map((field) => parts.array(field));
  for (const [place, column] of columns.entries()) {
    if (column.length !== length)
      throw new RangeError(`column "${fields[place]?.name}" has ${column.length} cells for ${length} rows`);
  }
  return { length, columns };
}

/** Takes the arrays of a batch one after the other, in the order of the fields. */
class BatchParts {
  readonly #dictionaries: Dictionaries;
  readonly #isBeforeV5: boolean;
  readonly #body: Uint8Array;
  /** Pairs of length and count of nulls. */
  readonly #nodes: readonly number[];
  /** Pairs of offset and length. */
  readonly #buffers: readonly number[];
  readonly #codec: BufferCodec | undefined;
  readonly #variadic: readonly number[];
  #node = 0;
  #buffer = 0;
  #view = 0;
  #bytes = 0;

  constructor({ header, body, isBeforeV5 }: BatchMessage, dictionaries: Dictionaries) {
    this.#dictionaries = dictionaries;
    this.#isBeforeV5 = isBeforeV5;
    this.#body = body;
    this.#nodes = header.longs(1, 2);
    this.#buffers = header.longs(2, 2);
    const compression = header.table(3);
    this.#codec = compression === undefined ? undefined : compression.byte(0) === 0 ? "lz4" : "zstd";
    this.#variadic = header.longs(4);
  }

  array(field: ArrowField): ArrowArray {
    const [length = -1, nulls = 0] = this.#nodes.slice(this.#node, this.#node + 2);
    this.#node += 2;
    if (length < 0) throw new RangeError(`column "${field.name}" is missing`);
    if (length > MAX_LENGTH)
      throw new RangeError(`column "${field.name}" has ${length} cells, which are too many`);
    if (field.dictionary !== undefined) return this.#references(field, length, nulls);
    const { type } = field;
    const base = { length, offset: 0, nullBitmap: NO_BITS, children: [] };
    if (type.type === "null") return base;
    // These have no nulls of their own, and had a place for them in earlier times.
    if (this.#isBeforeV5 && (type.type === "runs" || type.type === "union")) this.#take();
    if (type.type === "runs") return { ...base, children: this.#children(field) };
    if (type.type === "union") {
      const typeIds = this.#atLeast(length, field);
      const valueOffsets = type.dense ? this.#atLeast(4 * length, field) : undefined;
      return { ...base, typeIds, valueOffsets, children: this.#children(field) };
    }
    const nullBitmap = this.#bitmap(length, nulls, field);
    const own = { ...base, nullBitmap };
    if (isFixed(type)) return { ...own, values: this.#atLeast(widthOf(type) * length, field) };
    switch (type.type) {
      case "bool":
        return { ...own, values: this.#atLeast(Math.ceil(length / 8), field) };
      case "binary":
      case "utf8": {
        const valueOffsets = this.#offsets(length, type.large, field);
        return { ...own, valueOffsets, values: this.#take() };
      }
      case "binaryView":
      case "utf8View": {
        const values = this.#atLeast(16 * length, field);
        const count = this.#variadic[this.#view++] ?? 0;
        return { ...own, values, variadicBuffers: Array.from({ length: count }, () => this.#take()) };
      }
      case "list":
        return {
          ...own,
          valueOffsets: this.#offsets(length, type.large, field),
          children: this.#children(field),
        };
      case "map":
        return { ...own, valueOffsets: this.#offsets(length, false, field), children: this.#children(field) };
      case "listView": {
        const width = type.large ? 8 : 4;
        const valueOffsets = this.#atLeast(width * length, field);
        const sizes = this.#atLeast(width * length, field);
        return { ...own, valueOffsets, sizes, children: this.#children(field) };
      }
      case "struct":
      case "fixedList":
      default:
        return { ...own, children: this.#children(field) };
    }
  }

  #references(field: ArrowField, length: number, nulls: number): ArrowArray {
    const { id = 0, index } = field.dictionary ?? {};
    const data = this.#dictionaries.get(id);
    const nullBitmap = this.#bitmap(length, nulls, field);
    const values = this.#atLeast(((index?.bits ?? 32) / 8) * length, field);
    if (data === undefined && nulls < length)
      throw new RangeError(`the dictionary of column "${field.name}" does not come before its cells`);
    return { length, offset: 0, nullBitmap, values, children: [], dictionary: { data: data ?? [] } };
  }

  #children({ children }: ArrowField): readonly ArrowArray[] {
    return children.map((child) => this.array(child));
  }

  #bitmap(length: number, nulls: number, field: ArrowField): Uint8Array {
    if (nulls !== 0) return this.#atLeast(Math.ceil(length / 8), field);
    this.#take();
    return NO_BITS;
  }

  #offsets(length: number, large: boolean, field: ArrowField): Uint8Array {
    const width = large ? 8 : 4;
    // There may be none at all where there are no cells.
    return this.#atLeast(length === 0 ? 0 : width * (length + 1), field);
  }

  #atLeast(bytes: number, { name }: ArrowField): Uint8Array {
    const buffer = this.#take();
    if (buffer.length >= bytes) return buffer;
    throw new RangeError(`column "${name}" has ${buffer.length} bytes where it needs ${bytes}`);
  }

  #take(): Uint8Array {
    const [offset = -1, length = 0] = this.#buffers.slice(this.#buffer, this.#buffer + 2);
    this.#buffer += 2;
    if (offset < 0 || length < 0 || offset + length > this.#body.length)
      throw new RangeError("a column lies beyond the end of its record batch");
    const stored = bytesOf(this.#body).subarray(offset, offset + length);
    const bytes =
      this.#codec === undefined
        ? stored
        : decompressBuffer(stored, this.#codec, MAX_BATCH_BYTES - this.#bytes);
    this.#bytes += bytes.length;
    return bytes;
  }
}

const NO_BITS = new Uint8Array();
