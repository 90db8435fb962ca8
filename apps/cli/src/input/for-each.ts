import { acceptPackets, itemsOf, type Packet } from "@parallel-parrot/core";

/** A sink that calls a function with each item. It accepts packets, which cost a tenth of single items. */
export function forEach<T>(call: (item: T) => void): WritableStream<T> {
  return acceptPackets(
    new WritableStream<T | Packet<T>>({
      write(chunk) {
        for (const item of itemsOf(chunk)) call(item);
      },
    }),
  );
}
