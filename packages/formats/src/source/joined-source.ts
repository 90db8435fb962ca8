import { ParrotError, PacketStream, setCell, type Packet, type Row } from "@parallel-parrot/core";
import { TEXT, type ColumnTypes } from "../columns/column-type.ts";
import { mergeColumnTypes } from "../columns/merge-types.ts";
import type { CsvLayout } from "../csv/csv-layout.ts";
import type { InputDigest } from "./input-digest.ts";
import { joinedDigest } from "./joined-digest.ts";
import { RowPlaces } from "./row-place.ts";
import { rowSource, type RowReader, type RowSource } from "./row-source.ts";
import { SourceNotes } from "./source-notes.ts";

/** One of several inputs. */
export interface SourcePart {
  /** What it is called in messages, and in the column of the source. */
  readonly label: string;
  /** Its path, where it is a file. */
  readonly file: string | undefined;
  /** Opens its rows. Nothing is read before the first read. */
  open(options?: PartOptions): RowSource;
  /** Whether it can be opened twice, which a pipe cannot. */
  canBeReadAgain(): Promise<boolean>;
}

interface PartOptions {
  readonly onDigest?: (digest: InputDigest) => void;
}

/** Options of {@linkcode joinedSource}. */
export interface JoinedSourceOptions {
  /** A column for the name of the input that each row is from; it comes last. @default none */
  readonly sourceColumn?: string | undefined;
  /** Gets the digest of all inputs. @default nothing is hashed */
  readonly onDigest?: ((digest: InputDigest) => void) | undefined;
}

/** The rows of several inputs, one after the other. An input is opened when its rows are wanted. */
export function joinedSource(parts: readonly SourcePart[], options: JoinedSourceOptions): RowSource {
  const reader = new JoinedReader(parts, options);
  return rowSource(reader, {
    file: parts.length === 1 ? parts[0]?.file : undefined,
    files: parts.flatMap(({ file }) => file ?? []),
    placeOf: (row) => reader.places.placeOf(row),
    lineOf: (row) => reader.places.placeOf(row)?.line,
    notes: reader.notes.all,
  });
}

class JoinedReader implements RowReader {
  readonly places: RowPlaces = new RowPlaces();
  readonly notes: SourceNotes = new SourceNotes();
  readonly #parts: readonly SourcePart[];
  readonly #options: JoinedSourceOptions;
  readonly #digests: (readonly [name: string, digest: InputDigest])[] = [];
  /** The inputs that are open: that which is read, and those that can be opened only once. */
  readonly #open = new Map<number, RowSource>();
  #part = 0;
  #packets: ReadableStreamDefaultReader<Packet<Row>> | undefined;
  /** How often each kind of change to the input that is read was told. */
  #noted = new Map<string, number>();
  #columns: Promise<readonly string[] | undefined> | undefined;
  #types: Promise<ColumnTypes | undefined> | undefined;
  #ended = false;

  constructor(parts: readonly SourcePart[], options: JoinedSourceOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  async read(): Promise<readonly Row[]> {
    for (; this.#part < this.#parts.length && !this.#ended; this.#part += 1) {
      this.#packets ??= this.#begin();
      const { done, value } = await this.#packets.read();
      this.#takeNotes();
      if (!done) return this.#take(value.items);
      this.#packets = undefined;
      this.#open.delete(this.#part);
    }
    // A cancel also ends the reading, and not at the end of the input.
    if (!this.#ended) this.#options.onDigest?.(joinedDigest(this.#digests));
    return [];
  }

  /** All columns of all inputs; `undefined` where one of them has no header. */
  columns(): Promise<readonly string[] | undefined> {
    this.#columns ??= this.#ofEach((source) => source.columns()).then((inputs) =>
      inputs === undefined ? undefined : [...new Set(this.#withSource(inputs.flat()))],
    );
    return this.#columns;
  }

  columnTypes(): Promise<ColumnTypes | undefined> {
    this.#types ??= this.#ofEach((source) => source.columnTypes()).then((inputs) => {
      if (inputs === undefined) return undefined;
      const types = mergeColumnTypes(inputs);
      return new Map(
        this.#withSource([...types.keys()]).map((column) => [column, types.get(column) ?? TEXT]),
      );
    });
    return this.#types;
  }

  /** As the first input is written. */
  async layout(): Promise<CsvLayout | undefined> {
    return this.#sourceOf(this.#part).layout();
  }

  async cancel(reason: unknown): Promise<void> {
    this.#ended = true;
    await this.#packets?.cancel(reason);
    for (const source of this.#open.values()) if (!source.locked) await source.cancel(reason);
  }

  /** What each input tells of itself; `undefined` where one does not tell it. */
  async #ofEach<T>(told: (source: RowSource) => Promise<T | undefined>): Promise<readonly T[] | undefined> {
    const all: T[] = [];
    for (const [number, part] of this.#parts.entries()) {
      const isFirst = number === this.#part;
      const isKept = isFirst || this.#open.has(number) || !(await part.canBeReadAgain());
      const one = await (isKept ? told(this.#sourceOf(number)) : askBriefly(part, told));
      if (one === undefined) return undefined;
      all.push(one);
    }
    return all;
  }

  #sourceOf(number: number): RowSource {
    const known = this.#open.get(number);
    if (known !== undefined) return known;
    const part = this.#partAt(number);
    const { onDigest } = this.#options;
    const source = part.open(onDigest && { onDigest: (digest) => this.#digests.push([part.label, digest]) });
    this.#open.set(number, source);
    return source;
  }

  #begin(): ReadableStreamDefaultReader<Packet<Row>> {
    const source = this.#sourceOf(this.#part);
    const packets = source instanceof PacketStream ? (source as PacketStream<Row>).takePackets() : undefined;
    if (packets === undefined) throw new TypeError("Cannot read the rows of a source that is read elsewhere");
    this.places.begin(source.file, (row) => source.lineOf(row));
    this.#noted = new Map();
    return packets.getReader();
  }

  #take(rows: readonly Row[]): readonly Row[] {
    this.places.add(rows.length);
    const { sourceColumn } = this.#options;
    if (sourceColumn === undefined) return rows;
    const { label } = this.#partAt(this.#part);
    for (const row of rows) {
      if (Object.hasOwn(row, sourceColumn)) throw takenColumn(sourceColumn, label);
      setCell(row, sourceColumn, label);
    }
    return rows;
  }

  #takeNotes(): void {
    for (const { code, count, first } of this.#open.get(this.#part)?.notes ?? []) {
      const more = count - (this.#noted.get(code) ?? 0);
      if (more > 0) this.notes.add(code, first, { count: more });
      this.#noted.set(code, count);
    }
  }

  #withSource(columns: readonly string[]): readonly string[] {
    const { sourceColumn } = this.#options;
    if (sourceColumn === undefined) return columns;
    if (columns.includes(sourceColumn)) throw takenColumn(sourceColumn, "The input");
    return [...columns, sourceColumn];
  }

  #partAt(number: number): SourcePart {
    const part = this.#parts[number];
    if (part === undefined) throw new RangeError(`There is no input ${number + 1}`);
    return part;
  }
}

/** Opens an input for a question alone: thousands of files would be open at once. */
async function askBriefly<T>(part: SourcePart, told: (source: RowSource) => Promise<T>): Promise<T> {
  const source = part.open();
  try {
    return await told(source);
  } finally {
    await source.cancel();
  }
}

function takenColumn(column: string, who: string): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    `Cannot use the option sourceColumn: ${who} already has a column "${column}"; give another name`,
    { option: "sourceColumn", column },
  );
}
