import { deserialize, serialize } from "node:v8";
import { isFailed, type Failed, type PromptShortener, type Prompted, type Row } from "@parallel-parrot/core";
import { itemBytes } from "../../run/item-bytes.ts";
import { isPlainData } from "../../run/plain-data.ts";
import { NamelessFile } from "./nameless-file.ts";

/** The most bytes on the disk, and of rows that have to stay in memory. */
const MAX_FILE_BYTES = 8 * 2 ** 30;
const MAX_MEMORY_BYTES = 64 * 2 ** 20;
/** Different functions that make prompts shorter. There is mostly one for all rows. */
const MAX_SHORTENERS = 64;
/** The items that are read at once. */
const PACKET_ITEMS = 128;
const LENGTH_BYTES = 4;

/** A row as it came in, and how many rows before it ask the same. */
export interface SpooledItem<R extends Row> {
  readonly item: Prompted<R> | Failed<R>;
  readonly occurrence: number;
}

/** What stands in the file for an item: the item itself without functions, or the place where it is in memory. */
type Stored<R extends Row> =
  | (SpooledItem<R> & { readonly shortener: number | undefined })
  | { readonly kept: number };

/**
 * Keeps rows that came in so that they can be read again as often as needed, in a file without a name beside the
 * journal. A row with something in it that is not plain data stays in memory, as it would come back as something else.
 */
export class ItemSpool<R extends Row> {
  readonly #file: NamelessFile;
  readonly #kept: SpooledItem<R>[] = [];
  readonly #shorteners: PromptShortener[] = [];
  #keptBytes = 0;
  /** The number of items in it. */
  length = 0;

  /** @param path of the journal */
  constructor(path: string) {
    this.#file = new NamelessFile(`${path}-rows`);
  }

  /** Whether what is in it has to be dealt with before more is taken. */
  get isFull(): boolean {
    return this.#file.bytes >= MAX_FILE_BYTES || this.#keptBytes >= MAX_MEMORY_BYTES;
  }

  /** @throws ParrotError `JOURNAL_FAILED` where the disk has no room */
  add(spooled: SpooledItem<R>): void {
    const bytes = this.#serialize(spooled) ?? serialize(this.#keep(spooled));
    const length = Buffer.allocUnsafe(LENGTH_BYTES);
    length.writeUInt32LE(bytes.length);
    this.#file.append(length);
    this.#file.append(bytes);
    this.length += 1;
  }

  /** All items in their order, several at once. */
  *read(): Generator<readonly SpooledItem<R>[]> {
    let packet: SpooledItem<R>[] = [];
    for (let at = 0; at < this.#file.bytes;) {
      const length = this.#file.read(at, LENGTH_BYTES).readUInt32LE();
      packet.push(this.#restore(this.#file.read(at + LENGTH_BYTES, length)));
      at += LENGTH_BYTES + length;
      if (packet.length < PACKET_ITEMS) continue;
      yield packet;
      packet = [];
    }
    if (packet.length > 0) yield packet;
  }

  close(): void {
    this.#kept.length = 0;
    this.#file.close();
  }

  /** `undefined` where the item has to stay in memory. */
  #serialize({ item, occurrence }: SpooledItem<R>): Buffer | undefined {
    if (!isPlainData(item.row)) return undefined;
    const { shortener, ...plain } = isFailed(item) ? { ...item, shortener: undefined } : item;
    const number = shortener === undefined ? undefined : this.#numberOf(shortener);
    if (number === -1) return undefined;
    try {
      return serialize({ item: plain, occurrence, shortener: number });
    } catch {
      return undefined;
    }
  }

  /** The number of a function among those that were met; -1 where there are too many. */
  #numberOf(shortener: PromptShortener): number {
    const number = this.#shorteners.indexOf(shortener);
    if (number !== -1) return number;
    return this.#shorteners.length < MAX_SHORTENERS ? this.#shorteners.push(shortener) - 1 : -1;
  }

  #keep(spooled: SpooledItem<R>): Stored<R> {
    this.#keptBytes += itemBytes(spooled.item);
    return { kept: this.#kept.push(spooled) - 1 };
  }

  #restore(bytes: Buffer): SpooledItem<R> {
    const stored = deserialize(bytes) as Stored<R>;
    if (!("kept" in stored)) {
      const { item, occurrence } = stored;
      const shortener = stored.shortener === undefined ? undefined : this.#shorteners[stored.shortener];
      return { item: shortener === undefined ? item : { ...item, shortener }, occurrence };
    }
    const kept = this.#kept[stored.kept];
    if (kept === undefined) throw new Error("A row that was kept in memory is gone");
    return kept;
  }
}
