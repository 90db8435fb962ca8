import { acceptPackets, itemsOf, originsOf, type Item, type Packet, type Row } from "@parallel-parrot/core";
import { addChanges, noChanges, type CellChanges } from "../sink/cell-changes.ts";
import type { RowSink } from "../sink/row-sink.ts";
import type { RoutedRow } from "./lane.ts";

/** A file of a {@linkcode PartsSink}. */
export interface PartFile {
  readonly path: string;
  /** Which part of the rows it has: the name of a split, or that of the file in its folder. */
  readonly part: string;
  readonly rows: number;
}

/** A sink that shares its rows out among files. */
export interface PartsSink extends RowSink {
  /** The files, in order: all of them once it is closed, and none before. */
  readonly files: readonly PartFile[];
}

/** Takes the rows of one part. */
export interface Part {
  /** What was changed so far. */
  readonly changes: Readonly<CellChanges>;
  write(rows: readonly RoutedRow[]): Promise<void>;
  /** Ends its files. */
  end(): Promise<void>;
  /** Discards what was written, or ends partial files after it. */
  abort(reason: unknown): Promise<void>;
}

/** The parts of a sink. */
export interface Parts {
  /** What was changed so far. */
  readonly changes: Readonly<CellChanges>;
  /** Writes rows of the part with this name. */
  write(part: string, rows: readonly RoutedRow[]): Promise<void>;
  /** Ends all parts and gives the files their names. Tells those files. */
  finish(): Promise<readonly PartFile[]>;
  /** Discards what was written, as far as it does not stay. */
  abort(reason: unknown): Promise<void>;
}

/** Parts that are all open from the first row to the last. */
export function openParts(byName: ReadonlyMap<string, Part>, { finish, clear }: OpenPartsOptions): Parts {
  return {
    get changes() {
      const sum = noChanges();
      for (const { changes } of byName.values()) addChanges(sum, changes);
      return sum;
    },
    async write(part, rows) {
      await byName.get(part)?.write(rows);
    },
    finish,
    async abort(reason) {
      for (const part of byName.values()) await part.abort(reason);
      await clear?.();
    },
  };
}

interface OpenPartsOptions {
  /** Ends all parts and gives the files their names. */
  readonly finish: () => Promise<readonly PartFile[]>;
  /** Removes what is left of the parts after they were aborted, as far as it does not stay. @default nothing is left */
  readonly clear?: () => Promise<void>;
}

/** Says which part a row belongs to: the row of the input, or a row whose row of the input is not known. */
export type PartOf = (row: Row, item: Item | undefined) => string;

/** A sink whose rows go to parts. All rows that are made of one row of the input go to the same part. */
export function partsSink(opening: Promise<Parts>, partOf: PartOf): PartsSink {
  const state = new State(opening, partOf);
  const opened = opening.then(() => undefined);
  // The stream fails with the same error, so nobody has to wait for this promise.
  opened.catch(() => undefined);
  const stream = new WritableStream<Row | Packet<Row>>({
    start: () => opened,
    write: (rows) => state.write(rows),
    close: () => state.close(),
    abort: (reason) => state.abort(reason),
  });
  return Object.defineProperties(
    Object.assign(acceptPackets(stream), { opened, changes: noChanges(), files: [] }),
    {
      changes: { get: () => state.changes },
      files: { get: () => state.files },
    },
  );
}

class State {
  readonly #opening: Promise<Parts>;
  readonly #partOf: PartOf;
  #parts: Parts | undefined;
  #count = 0;
  #hasFailed = false;
  files: readonly PartFile[] = [];

  constructor(opening: Promise<Parts>, partOf: PartOf) {
    this.#opening = opening;
    this.#partOf = partOf;
  }

  get changes(): Readonly<CellChanges> {
    return this.#parts?.changes ?? noChanges();
  }

  async write(rows: Row | Packet<Row>): Promise<void> {
    const parts = await this.#open();
    await this.#orFail(async () => {
      for (const [name, routed] of this.#route(rows)) await parts.write(name, routed);
    });
  }

  async close(): Promise<void> {
    const parts = await this.#open();
    await this.#orFail(async () => {
      this.files = await parts.finish();
    });
  }

  async abort(reason: unknown): Promise<void> {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const parts = await this.#open();
    await parts.abort(reason);
  }

  /** The rows of each part, in their order. All outputs of a row of the input are in the part of that row. */
  #route(chunk: Row | Packet<Row>): ReadonlyMap<string, RoutedRow[]> {
    const routed = new Map<string, RoutedRow[]>();
    const origins = originsOf(chunk);
    let [last, name]: [Item | undefined, string] = [undefined, ""];
    for (const [position, row] of itemsOf(chunk).entries()) {
      const item = origins?.[position];
      if (item === undefined || item !== last) name = this.#partOf(item?.row ?? row, item);
      last = item;
      const rows = routed.get(name);
      const one = { row, item, place: this.#count++ };
      if (rows === undefined) routed.set(name, [one]);
      else rows.push(one);
    }
    return routed;
  }

  async #open(): Promise<Parts> {
    this.#parts ??= await this.#opening;
    return this.#parts;
  }

  async #orFail(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      await this.abort(error).catch(() => undefined);
      throw error;
    }
  }
}
