import { MAX_PACKET_ITEMS, Packet } from "./packet.ts";
import { PacketStream } from "./packet-stream.ts";

/** A source of the items of an array. */
export function arraySource<T>(items: readonly T[]): ReadableStream<T> {
  let position = 0;
  const packets = new ReadableStream<Packet<T>>(
    {
      pull(controller) {
        if (position >= items.length) {
          controller.close();
          return;
        }
        controller.enqueue(new Packet(items.slice(position, position + MAX_PACKET_ITEMS)));
        position += MAX_PACKET_ITEMS;
      },
    },
    { highWaterMark: 0 },
  );
  return new PacketStream(packets);
}

/** All items of a stream. */
export async function collect<T>(stream: ReadableStream<T>): Promise<T[]> {
  const packets = stream instanceof PacketStream ? (stream as PacketStream<T>).takePackets() : undefined;
  if (packets === undefined) return Array.fromAsync(stream);
  const all: T[] = [];
  for await (const { items } of packets) for (const item of items) all.push(item);
  return all;
}
