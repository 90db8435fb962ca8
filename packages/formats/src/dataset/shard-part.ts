import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { addChanges, noChanges, type CellChanges } from "../sink/cell-changes.ts";
import type { RowEncoder } from "../sink/row-writer.ts";
import { rowSink, type SinkOptions } from "../sink/row-sink.ts";
import type { OnUnwritable } from "../sink/unwritable-row.ts";
import { Lane, type RoutedRow } from "../parts/lane.ts";
import type { Part } from "../parts/parts-sink.ts";

/** Rows that are written before it is asked whether the next shard begins: the same in every run. */
const STEP = 256;

/** How the shards of a split are written. */
export interface ShardOptions {
  readonly split: string;
  /** Folder in which they grow. */
  readonly folder: string;
  /** A shard of so many bytes is the last but one. */
  readonly shardBytes: number;
  /** Whether rows stay where they are when writing is aborted. */
  readonly stays: boolean;
  readonly onUnwritable: OnUnwritable | undefined;
  readonly createEncoder: () => Promise<RowEncoder>;
}

/** A shard that is complete. */
export interface Shard {
  /** The name of its file among those of the dataset. */
  readonly name: string;
  readonly rows: number;
}

/** The rows of a split, in one shard after the other. How many there are is known at the end: then they get their names. */
export class ShardPart implements Part {
  readonly #options: ShardOptions;
  readonly #shards: number[] = [];
  readonly #changes = noChanges();
  #lane: Lane;
  #bytes: Bytes;
  #waiting: RoutedRow[] = [];

  private constructor(options: ShardOptions, { lane, bytes }: OpenShard) {
    this.#options = options;
    this.#lane = lane;
    this.#bytes = bytes;
  }

  static async open(options: ShardOptions): Promise<ShardPart> {
    return new ShardPart(options, await openShard(options, 0));
  }

  get split(): string {
    return this.#options.split;
  }

  get changes(): Readonly<CellChanges> {
    const sum = { ...this.#changes };
    addChanges(sum, this.#lane.sink.changes);
    return sum;
  }

  async write(rows: readonly RoutedRow[]): Promise<void> {
    for (const row of rows) {
      this.#waiting.push(row);
      if (this.#waiting.length === STEP) await this.#step();
    }
  }

  async end(): Promise<void> {
    await this.#writeWaiting();
    await this.#endShard();
  }

  async abort(reason: unknown): Promise<void> {
    await this.#writeWaiting().catch(() => undefined);
    await this.#lane.abort(reason);
  }

  /** How many rows are in it, once it is ended. */
  get rows(): number {
    return this.#shards.reduce((sum, rows) => sum + rows, 0);
  }

  /** Removes the only shard of a split without rows. */
  async remove(): Promise<void> {
    const { folder, split } = this.#options;
    await rm(join(folder, growingName(split, 0)));
  }

  /** Gives the shards the names that tell how many there are. */
  async nameShards(): Promise<readonly Shard[]> {
    const { folder, split } = this.#options;
    const count = this.#shards.length;
    return Promise.all(
      this.#shards.map(async (rows, number) => {
        const name = `${split}-${digits(number)}-of-${digits(count)}.parquet`;
        await rename(join(folder, growingName(split, number)), join(folder, name));
        return { name, rows };
      }),
    );
  }

  async #step(): Promise<void> {
    // The next shard is opened for a row only: the last one may be just as long as it has to be.
    if (this.#bytes.count >= this.#options.shardBytes) await this.#nextShard();
    await this.#writeWaiting();
  }

  async #writeWaiting(): Promise<void> {
    const rows = this.#waiting;
    this.#waiting = [];
    if (rows.length > 0) await this.#lane.write(rows);
  }

  async #endShard(): Promise<void> {
    await this.#lane.end();
    this.#shards.push(this.#lane.rows);
  }

  async #nextShard(): Promise<void> {
    addChanges(this.#changes, this.#lane.sink.changes);
    await this.#endShard();
    const { lane, bytes } = await openShard(this.#options, this.#shards.length);
    this.#lane = lane;
    this.#bytes = bytes;
  }
}

interface Bytes {
  count: number;
}

interface OpenShard {
  readonly lane: Lane;
  /** How long the shard is so far. */
  readonly bytes: Bytes;
}

async function openShard(options: ShardOptions, number: number): Promise<OpenShard> {
  const { folder, split, stays, onUnwritable, createEncoder } = options;
  const bytes = { count: 0 };
  const path = join(folder, growingName(split, number));
  const partial: Pick<SinkOptions, "partial"> = stays
    ? { partial: join(folder, unfinishedName(split, number)) }
    : {};
  const lane = await Lane.open(
    (hooks) => rowSink(path, { ...partial, ...hooks }, async () => counting(await createEncoder(), bytes)),
    onUnwritable,
  );
  return { lane, bytes };
}

/** The name of a shard while it is not known how many there will be. */
function growingName(split: string, number: number): string {
  return `${split}-${digits(number)}.parquet`;
}

function unfinishedName(split: string, number: number): string {
  return `${split}-${digits(number)}.partial.parquet`;
}

function digits(number: number): string {
  return String(number).padStart(5, "0");
}

/** Counts the bytes that an encoder gives. */
function counting(encoder: RowEncoder, bytes: Bytes): RowEncoder {
  return {
    encode(row, index) {
      const piece = encoder.encode(row, index);
      bytes.count += piece.length;
      return piece;
    },
    rest: () => encoder.rest?.() ?? "",
    end: (count) => encoder.end(count),
  };
}
