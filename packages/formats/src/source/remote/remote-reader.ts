import type { Compression } from "../../compression.ts";
import type { ByteReader } from "../byte-reader.ts";
import { decompressed } from "../decompressed.ts";
import { firstThen } from "../first-then.ts";
import type { InputName } from "../input-name.ts";
import { collect, RemoteFile } from "./remote-file.ts";
import { Interrupted, unreadableAddress, type RemoteResponse } from "./remote-request.ts";

/** A small first part shows the header soon; large ones later cost few requests. */
const FIRST_BYTES = 256 * 1024;
const MAX_BYTES = 8 * 2 ** 20;

/**
 * A reader of a file on a web server. It is read in parts, so that no connection stands open while rows wait for their
 * turn; where a connection is cut, the rest is asked for.
 *
 * @param compression how its name says that it is compressed
 */
export function remoteReader(address: string, name: InputName, compression: Compression): ByteReader {
  const stored = new StoredBytes(new RemoteFile(address, name));
  let reader: ByteReader | undefined;
  return {
    async read() {
      if (reader === undefined) {
        const first = await stored.read();
        const encoding = encodingOf(stored.file.encoding, name);
        const whole = firstThen(first, stored);
        // Servers say of a .gz file that it is encoded with gzip, though that is how it is stored.
        reader = encoding === compression ? whole : decompressed(whole, encoding, name);
      }
      return reader.read();
    },
    async cancel(reason) {
      await reader?.cancel(reason);
      await stored.cancel();
    },
  };
}

function encodingOf(encoding: string, name: InputName): "none" | "gzip" | "zstd" {
  const kind = encoding.toLowerCase().replace(/^x-/, "");
  if (kind === "" || kind === "identity") return "none";
  if (kind === "gzip" || kind === "zstd") return kind;
  throw unreadableAddress(name, `the server sends it in the encoding ${kind}, which nobody asked for`);
}

/** The bytes of a file as they are stored, in order. */
class StoredBytes implements ByteReader {
  readonly file: RemoteFile;
  #at = 0;
  #length = FIRST_BYTES;
  /** The response that is read, where the server gives no parts. */
  #whole: RemoteResponse | undefined;
  #toSkip = 0;
  #ended = false;

  constructor(file: RemoteFile) {
    this.file = file;
  }

  read(): Promise<Uint8Array | undefined> {
    return this.file.attempt(async (isAgain) => {
      if (isAgain) this.#whole = undefined;
      const chunk = this.#isAtEnd ? undefined : await this.#next();
      this.#at += chunk?.length ?? 0;
      return chunk;
    });
  }

  cancel(): Promise<void> {
    this.#ended = true;
    this.#whole?.discard();
    this.file.close();
    return Promise.resolve();
  }

  get #isAtEnd(): boolean {
    return this.#ended || (this.#whole === undefined && this.#at >= (this.file.size ?? Infinity));
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#whole !== undefined) return this.#nextOfWhole(this.#whole);
    const part = await this.file.ask(this.#at, this.#length);
    if (part === undefined) return undefined;
    if (part.isWhole) {
      this.#whole = part.response;
      this.#toSkip = this.#at;
      return this.#nextOfWhole(part.response);
    }
    const rest = (this.file.size ?? Infinity) - this.#at;
    const bytes = await collect(part.response, Math.min(this.#length, rest));
    this.#length = Math.min(this.#length * 2, MAX_BYTES);
    return bytes;
  }

  /** The next bytes of a response that has all of them. One that was asked for again begins with those that are known. */
  async #nextOfWhole(response: RemoteResponse): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = await response.read();
      if (chunk === undefined) {
        const { size } = this.file;
        if (this.#toSkip > 0 || (size !== undefined && this.#at < size))
          throw new Interrupted(`the connection ended after ${this.#at} of ${size ?? "unknown"} bytes`);
        this.#ended = true;
        return undefined;
      }
      const known = Math.min(this.#toSkip, chunk.length);
      this.#toSkip -= known;
      if (known < chunk.length) return chunk.subarray(known);
    }
  }
}
