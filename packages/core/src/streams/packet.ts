import type { Item } from "../items/item.ts";

/**
 * Several chunks that travel as one between two stages that both know packets. A hop between Web Streams costs
 * microseconds a chunk; a packet pays it once for all its items. Users never see one: {@linkcode PacketStream}
 * unpacks wherever a reader is not one of ours.
 */
export class Packet<T> {
  readonly items: readonly T[];
  /** For each of `items`, the row of the input that it was made of; `undefined` where no stage said so. */
  readonly origins: Origins;

  constructor(items: readonly T[], origins?: Origins) {
    this.items = items;
    this.origins = origins;
  }
}

/** What the items of a packet were made of, in their order: a stage that fails on one can then say whose it is. */
export type Origins = readonly (Item | undefined)[] | undefined;

/** Items that a stage puts into one packet, at most: what a hop costs is spread over enough of them by then. */
export const MAX_PACKET_ITEMS = 256;

const accepting = new WeakSet<WritableStream>();

/** Marks the writable side of a stage as one that takes packets as well as single chunks. */
export function acceptPackets<T>(writable: WritableStream<T | Packet<T>>): WritableStream<T> {
  accepting.add(writable);
  return writable;
}

/** Whether a writable side takes packets. */
export function acceptsPackets(writable: WritableStream): boolean {
  return accepting.has(writable);
}

/** The items of a chunk that may be a packet. */
export function itemsOf<T>(chunk: T | Packet<T>): readonly T[] {
  return chunk instanceof Packet ? chunk.items : [chunk];
}

/** What the items of a chunk were made of, as far as a stage before has told. */
export function originsOf(chunk: unknown): Origins {
  return chunk instanceof Packet ? chunk.origins : undefined;
}
