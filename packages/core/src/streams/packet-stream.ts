import type { StreamPipeOptions } from "node:stream/web";
import { acceptsPackets, type Packet } from "./packet.ts";

/**
 * A stream of single chunks that holds them in packets. Piped to a stage that takes packets, it hands them over
 * as they are; to anyone else it is an ordinary `ReadableStream`. The pipe itself is the platform's in both
 * cases, so errors, cancellation, abort and backpressure are too.
 */
export class PacketStream<T> extends ReadableStream<T> {
  readonly #packets: ReadableStream<Packet<T>>;

  constructor(packets: ReadableStream<Packet<T>>) {
    let reader: ReadableStreamDefaultReader<Packet<T>> | undefined;
    let items: Iterator<T> | undefined;
    super(
      {
        async pull(controller) {
          reader ??= packets.getReader();
          for (;;) {
            const item = items?.next();
            if (item !== undefined && item.done !== true) {
              controller.enqueue(item.value);
              return;
            }
            const { done, value } = await reader.read();
            if (done) {
              controller.close();
              return;
            }
            items = value.items[Symbol.iterator]();
          }
        },
        cancel: (reason) => (reader ?? packets).cancel(reason),
      },
      { highWaterMark: 0 },
    );
    this.#packets = packets;
  }

  override pipeThrough<Out>(
    stage: ReadableWritablePair<Out, T>,
    options?: StreamPipeOptions,
  ): ReadableStream<Out> {
    const piped = this.#pipePackets(stage.writable, options);
    if (piped === undefined) return super.pipeThrough(stage, options);
    // Both ends of the pipe have its error, so nobody needs the promise's.
    piped.catch(() => undefined);
    return stage.readable;
  }

  override pipeTo(destination: WritableStream<T>, options?: StreamPipeOptions): Promise<void> {
    return this.#pipePackets(destination, options) ?? super.pipeTo(destination, options);
  }

  /** `undefined` where only single chunks will do: the other side is not ours, or reading has begun. */
  #pipePackets(destination: WritableStream, options?: StreamPipeOptions): Promise<void> | undefined {
    if (this.locked || this.#packets.locked || !acceptsPackets(destination) || destination.locked)
      return undefined;
    const lock = this.getReader();
    return this.#packets.pipeTo(destination, options).finally(() => lock.releaseLock());
  }

  /** The same stream as packets, for a stage in front of which no pipe stands. Locks this one. */
  takePackets(): ReadableStream<Packet<T>> | undefined {
    if (this.locked || this.#packets.locked) return undefined;
    this.getReader();
    return this.#packets;
  }
}

/** A stream of chunks changed by a function that treats packets as it treats single chunks; packets stay whole. */
export function throughPackets<T>(
  stream: ReadableStream<T>,
  change: <Chunk>(chunks: ReadableStream<Chunk>) => ReadableStream<Chunk>,
): ReadableStream<T> {
  const packets = stream instanceof PacketStream ? (stream as PacketStream<T>).takePackets() : undefined;
  return packets === undefined ? change(stream) : new PacketStream(change(packets));
}
