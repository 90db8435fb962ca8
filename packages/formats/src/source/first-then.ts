import type { ByteReader } from "./byte-reader.ts";

/** A reader of bytes that were read from another already, if any, and of those that follow. */
export function firstThen(first: Uint8Array | undefined, reader: ByteReader): ByteReader {
  let head = first;
  return {
    async read() {
      const chunk = head ?? (await reader.read());
      head = undefined;
      return chunk;
    },
    cancel: (reason) => reader.cancel(reason),
  };
}
