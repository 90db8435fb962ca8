import type { ColumnMetaData } from "hyparquet/src/types.js";
import { parquetHeader } from "hyparquet/src/column.js";
import { decompressPage, readDataPage, readDataPageV2 } from "hyparquet/src/datapage.js";
import { readPlain } from "hyparquet/src/plain.js";
import { DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import type { CellNumbers } from "../../source/long-numbers.ts";
import { cellReader, type CellReader } from "./cell-reader.ts";
import { DECOMPRESSORS } from "./codecs.ts";
import type { ParquetFile } from "./parquet-file.ts";
import type { Leaf } from "./parquet-schema.ts";

type PageHeader = ReturnType<typeof parquetHeader>;
type Values = ArrayLike<unknown>;

/** A header is tried to be read from so many bytes first: long texts in its statistics make it longer. */
const HEADER_BYTES = 4096;
/** Most bytes of one page. Writers end one at 1 MiB, or after a row that is longer. */
const MAX_PAGE_BYTES = 2 ** 30;
/**
 * Most values of one page, or of the pages of one row. A page of 1 MiB has 2^23 booleans at most, and a run of equal
 * values can claim a milliard in 10 bytes.
 */
const MAX_VALUES = 2 ** 24;

/** The values of a leaf in one row group, read page by page. */
export class LeafColumn {
  readonly #file: ParquetFile;
  readonly #leaf: Leaf;
  readonly #chunk: ColumnMetaData;
  readonly #toCell: CellReader;
  #at: number;
  readonly #end: number;
  #window: { readonly start: number; readonly bytes: Uint8Array<ArrayBuffer> } | undefined;
  /** Values that the pages had so far, nulls included. */
  #seen = 0;
  /** Cells, or stored values where each row must have a cell of its own. */
  #dictionary: readonly unknown[] | undefined;
  /** Of the values that are decoded: how much of each is there, whether each begins a row, and cells. */
  #levels: number[] = [];
  #repetitions: number[] = [];
  #cells: unknown[] = [];
  #next = 0;
  #nextCell = 0;
  #rowsReady = 0;

  constructor(file: ParquetFile, leaf: Leaf, chunk: ColumnMetaData, numbers: CellNumbers) {
    this.#file = file;
    this.#leaf = leaf;
    this.#chunk = chunk;
    this.#toCell = cellReader(leaf.type, leaf.element, numbers);
    const dictionary = Number(chunk.dictionary_page_offset ?? 0);
    const data = Number(chunk.data_page_offset);
    this.#at = dictionary > 0 && dictionary < data ? dictionary : data;
    this.#end = this.#at + Number(chunk.total_compressed_size);
  }

  /** Rows that can be taken without reading. */
  get rowsReady(): number {
    return this.#rowsReady;
  }

  /** Values that are in memory. */
  get held(): number {
    return this.#levels.length;
  }

  /** Reads pages until there is a whole row, or no more. */
  async fill(): Promise<void> {
    while (this.#rowsReady === 0 && !this.#isAtEnd) await this.#readPage();
    if (this.#rowsReady === 0) throw new RangeError("it has fewer rows than the footer says");
  }

  /** How much of the next value is there; the leaf's own level for a value. */
  get level(): number {
    return this.#levels[this.#next] ?? 0;
  }

  /** Whether, and at which depth, the next value belongs to the same row as the one before it. */
  get repetition(): number {
    return this.#repetitions[this.#next] ?? 0;
  }

  /** Takes the next value; `undefined` where there is none. */
  take(): unknown {
    const has = this.level === this.#leaf.level;
    this.#next += 1;
    if (this.repetition === 0) this.#rowsReady -= 1;
    if (!has) return undefined;
    this.#nextCell += 1;
    return this.#cells[this.#nextCell - 1];
  }

  get #isAtEnd(): boolean {
    return this.#seen >= Number(this.#chunk.num_values) || this.#at >= this.#end;
  }

  async #readPage(): Promise<void> {
    const header = await this.#readHeader();
    const length = header.compressed_page_size;
    if (!(length >= 0) || this.#at + length > this.#end)
      throw new RangeError("a page is longer than its column");
    if (header.uncompressed_page_size > MAX_PAGE_BYTES)
      throw new RangeError(
        `a page has ${header.uncompressed_page_size} bytes, more than ${MAX_PAGE_BYTES}; write the file with smaller pages`,
      );
    const bytes = await this.#bytes(this.#at, length);
    this.#at += length;
    if (header.type === "DICTIONARY_PAGE") this.#readDictionary(bytes, header);
    else if (header.type === "DATA_PAGE" || header.type === "DATA_PAGE_V2") this.#readData(bytes, header);
  }

  async #readHeader(): Promise<PageHeader> {
    for (let length = HEADER_BYTES; ; length *= 8) {
      const bytes = await this.#bytes(this.#at, Math.min(length, this.#end - this.#at));
      const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
      try {
        const header = parquetHeader(reader);
        this.#at += reader.offset;
        return header;
      } catch (error) {
        if (!(error instanceof RangeError) || this.#at + length >= this.#end) throw error;
      }
    }
  }

  /** Bytes of the column, of a window of it where that has them all. */
  async #bytes(start: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const at = start - (this.#window?.start ?? 0);
    if (this.#window !== undefined && at >= 0 && at + length <= this.#window.bytes.length)
      return this.#window.bytes.subarray(at, at + length);
    const size = Math.max(length, Math.min(this.#file.windowBytes, this.#end - start));
    this.#window = { start, bytes: await this.#file.read(start, size) };
    return this.#window.bytes.subarray(0, length);
  }

  #readDictionary(bytes: Uint8Array, { uncompressed_page_size, dictionary_page_header }: PageHeader): void {
    const page = decompressPage(bytes, uncompressed_page_size, this.#chunk.codec, DECOMPRESSORS);
    const reader = { view: new DataView(page.buffer, page.byteOffset, page.byteLength), offset: 0 };
    const { type, element } = { type: this.#chunk.type, element: this.#leaf.element };
    const count = dictionary_page_header?.num_values ?? 0;
    requireFew(count);
    const values = readPlain(reader, type, count, element.type_length);
    const stored = Array.from(values as Values);
    this.#dictionary = this.#isJson ? stored : stored.map((value) => this.#toCell(value));
  }

  #readData(bytes: Uint8Array, header: PageHeader): void {
    const { data_page_header: v1, data_page_header_v2: v2, uncompressed_page_size: size } = header;
    const count = (v1 ?? v2)?.num_values ?? 0;
    requireFew(count + this.held - this.#next);
    const decoder = this.#decoder();
    const page =
      v1 === undefined
        ? readDataPageV2(bytes, header, decoder)
        : readDataPage(decompressPage(bytes, size, this.#chunk.codec, DECOMPRESSORS), v1, decoder);
    this.#seen += count;
    this.#add(page, count, ((v1 ?? v2)?.encoding ?? "").endsWith("_DICTIONARY"));
  }

  #decoder(): Parameters<typeof readDataPage>[2] {
    const { path, element } = this.#leaf;
    return {
      pathInSchema: [...this.#chunk.path_in_schema],
      type: this.#chunk.type,
      element,
      schemaPath: [...path],
      codec: this.#chunk.codec,
      parsers: DEFAULT_PARSERS,
      compressors: DECOMPRESSORS,
    };
  }

  #add(page: ReturnType<typeof readDataPage>, count: number, isByDictionary: boolean): void {
    this.#dropTaken();
    const { definitionLevels, repetitionLevels, dataPage } = page;
    const values = dataPage as Values;
    const hasLevels = definitionLevels !== undefined && definitionLevels.length > 0;
    for (let place = 0; place < count; place += 1) {
      const repetition = repetitionLevels[place] ?? 0;
      this.#levels.push(hasLevels ? (definitionLevels[place] ?? 0) : this.#leaf.level);
      this.#repetitions.push(repetition);
    }
    for (let place = 0; place < values.length; place += 1)
      this.#cells.push(isByDictionary ? this.#fromDictionary(values[place]) : this.#toCell(values[place]));
    this.#countRows();
  }

  #fromDictionary(index: unknown): unknown {
    const dictionary = this.#dictionary ?? [];
    if (typeof index !== "number" || index >= dictionary.length)
      throw new RangeError("a value is not in the dictionary");
    return this.#isJson ? this.#toCell(dictionary[index]) : dictionary[index];
  }

  /** Cells of JSON can be changed by whoever gets them, and the numbers that are rounded count in each. */
  get #isJson(): boolean {
    return this.#leaf.type.type === "json";
  }

  #dropTaken(): void {
    this.#levels = this.#levels.slice(this.#next);
    this.#repetitions = this.#repetitions.slice(this.#next);
    this.#cells = this.#cells.slice(this.#nextCell);
    this.#next = 0;
    this.#nextCell = 0;
  }

  /** A row is whole when the next one has begun, or the column has ended. */
  #countRows(): void {
    const begun = this.#repetitions.filter((repetition) => repetition === 0).length;
    const isOpen = !this.#isAtEnd && this.#isNested;
    this.#rowsReady = isOpen ? begun - 1 : begun;
  }

  get #isNested(): boolean {
    return this.#leaf.path.some(({ element }) => element.repetition_type === "REPEATED");
  }
}

function requireFew(values: number): void {
  if (values > MAX_VALUES)
    throw new RangeError(
      `a page or a row has ${values} values, more than ${MAX_VALUES}; write the file with smaller pages`,
    );
}
