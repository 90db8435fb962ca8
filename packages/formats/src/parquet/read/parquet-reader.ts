import { isParrotError, setCell, type Row } from "@parallel-parrot/core";
import type { ColumnTypes } from "../../columns/column-type.ts";
import type { InputDigest } from "../../source/input-digest.ts";
import { invalidInput, type InputName } from "../../source/input-name.ts";
import type { CellNumbers } from "../../source/long-numbers.ts";
import type { RowReader } from "../../source/row-source.ts";
import { assembler, type Assemble } from "./assemble.ts";
import { LeafColumn } from "./leaf-column.ts";
import { ParquetFile, reasonOf } from "./parquet-file.ts";

/** Rows that are handed on together. */
const PACKET_ROWS = 1000;
/** Most values of all columns that are in memory at once, which is some gigabytes. */
const MAX_HELD = 2 ** 26;

/** How a file is read. */
export interface ParquetReaderOptions extends CellNumbers {
  readonly onDigest: ((digest: InputDigest) => void) | undefined;
}

interface Group {
  readonly leaves: readonly LeafColumn[];
  readonly columns: readonly (readonly [name: string, take: Assemble])[];
  rowsLeft: number;
}

/** Reads the rows of a Parquet file, page by page: a row group is never in memory whole. */
export class ParquetReader implements RowReader {
  readonly #path: string;
  readonly #name: InputName;
  readonly #options: ParquetReaderOptions;
  #opening: Promise<ParquetFile> | undefined;
  #ended = false;
  #nextGroup = 0;
  #group: Group | undefined;
  #row = 0;

  constructor(path: string, name: InputName, options: ParquetReaderOptions) {
    this.#path = path;
    this.#name = name;
    this.#options = options;
  }

  async columns(): Promise<readonly string[]> {
    return [...(await this.columnTypes()).keys()];
  }

  async columnTypes(): Promise<ColumnTypes> {
    const { schema } = await this.#open();
    return new Map(schema.columns.map(([name, node]) => [name, node.type]));
  }

  async read(): Promise<readonly Row[]> {
    if (this.#ended) return [];
    const file = await this.#open();
    try {
      const rows = await this.#readPacket(file);
      if (rows.length === 0) await this.#finish(file);
      return rows;
    } catch (error) {
      await this.cancel();
      throw error;
    }
  }

  async cancel(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    // Waits for an opening in progress, or its descriptor would stay.
    const file = await this.#opening?.catch(() => undefined);
    await file?.close();
  }

  #open(): Promise<ParquetFile> {
    this.#opening ??= ParquetFile.open(this.#path, this.#name);
    return this.#opening;
  }

  async #finish(file: ParquetFile): Promise<void> {
    const { onDigest } = this.#options;
    const digest = onDigest === undefined ? undefined : await file.digest();
    await file.requireUnchanged();
    // A cancel also ends the reading, and not at the end of the input.
    if (digest !== undefined && !this.#ended) onDigest?.(digest);
    await this.cancel();
  }

  async #readPacket(file: ParquetFile): Promise<readonly Row[]> {
    while (this.#group === undefined || this.#group.rowsLeft === 0) {
      if (this.#nextGroup >= file.metadata.row_groups.length) return [];
      this.#group = this.#openGroup(file);
      this.#nextGroup += 1;
    }
    const group = this.#group;
    const first = this.#row;
    let place = 0;
    try {
      let count = Math.min(PACKET_ROWS, group.rowsLeft);
      let held = 0;
      for (const [number, leaf] of group.leaves.entries()) {
        place = number;
        if (leaf.rowsReady === 0) await leaf.fill();
        held += leaf.held;
        if (held > MAX_HELD)
          throw new RangeError(
            `a page of each column up to this one has ${held} values together, more than ${MAX_HELD}; write the file with smaller pages`,
          );
        count = Math.min(count, leaf.rowsReady);
      }
      return this.#take(group, count);
    } catch (error) {
      if (isParrotError(error)) throw error;
      await file.requireUnchanged();
      const name = file.schema.leaves[place]?.path[1]?.element.name ?? "";
      throw invalidInput(
        this.#name,
        { row: first },
        `column "${name}" cannot be read from row ${first + 1} on (${reasonOf(error)}); is the file damaged?`,
        { cause: error },
      );
    }
  }

  #take(group: Group, count: number): readonly Row[] {
    const rows: Row[] = [];
    for (let taken = 0; taken < count; taken += 1) {
      const row: Row = {};
      for (const [name, take] of group.columns) setCell(row, name, take());
      rows.push(row);
    }
    group.rowsLeft -= count;
    this.#row += count;
    return rows;
  }

  #openGroup(file: ParquetFile): Group {
    const { columns, leaves } = file.schema;
    const group = file.metadata.row_groups[this.#nextGroup];
    const open = leaves.map((leaf) => {
      const chunk = group?.columns[leaf.number]?.meta_data;
      if (chunk === undefined)
        throw invalidInput(
          this.#name,
          {},
          `row group ${this.#nextGroup + 1} lacks a column; is the file damaged?`,
        );
      return new LeafColumn(file, leaf, chunk, this.#options);
    });
    return {
      leaves: open,
      columns: columns.map(([name, node]) => [name, assembler(node, open)] as const),
      rowsLeft: Number(group?.num_rows ?? 0),
    };
  }
}
