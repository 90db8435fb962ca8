import { createHash } from "node:crypto";
import type { ByteReader } from "./byte-reader.ts";

/** The size and hash of an input: of its bytes as they came, compressed or not; of a stream of text as UTF-8. */
export interface InputDigest {
  readonly bytes: number;
  /** In 64 lowercase hexadecimal digits, as `sha256sum` prints it. */
  readonly sha256: string;
}

/** Digests bytes on their way through. */
export interface InputDigester {
  /** The same reader, whose bytes are counted and hashed. */
  through(reader: ByteReader): ByteReader;
  /** Of what was read so far; to be called once. */
  digest(): InputDigest;
}

export function inputDigester(): InputDigester {
  const hash = createHash("sha256");
  let bytes = 0;
  return {
    through: (reader) => ({
      async read() {
        const chunk = await reader.read();
        if (chunk !== undefined) {
          hash.update(chunk);
          bytes += chunk.length;
        }
        return chunk;
      },
      cancel: (reason) => reader.cancel(reason),
    }),
    digest: () => ({ bytes, sha256: hash.digest("hex") }),
  };
}
