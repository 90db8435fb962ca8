import zlib, { type Gunzip, type ZstdDecompress } from "node:zlib";
import type { ByteReader } from "./byte-reader.ts";
import type { Compression } from "../compression.ts";
import { invalidInput, type InputName } from "./input-name.ts";
import { codeOf } from "../system-error.ts";

const CHUNK_BYTES = 64 * 1024;

/** A reader of the decompressed bytes of another. */
export function decompressed(reader: ByteReader, compression: Compression, name: InputName): ByteReader {
  if (compression === "none") return reader;
  let member: Member | undefined;
  let ended = false;
  return {
    async read() {
      while (!ended) {
        if (member === undefined) {
          const first = await reader.read();
          // Without this, an empty file would be a truncated one.
          if (first === undefined) break;
          member = openMember(reader, compression, first);
        }
        try {
          const chunk = await member.read();
          if (chunk !== undefined) return chunk;
        } catch (error) {
          if (!isDecompressionError(error)) throw error;
          const problem = `the ${compression} data is damaged or cut off (${error.message})`;
          throw invalidInput(name, {}, problem, { cause: error });
        }
        const { rest } = member;
        member = rest.length > 0 ? openMember(reader, compression, rest) : undefined;
      }
      return undefined;
    },
    async cancel(reason) {
      ended = true;
      member?.cancel();
      await reader.cancel(reason);
    },
  };
}

interface Member {
  read(): Promise<Uint8Array | undefined>;
  /** After the end: what was read from the input and belongs to the next member. */
  readonly rest: Uint8Array;
  cancel(): void;
}

/**
 * One run of a decompressor. A `.zst` file may hold several frames, and Node's decompressor ends at the first that ends
 * within a chunk; the bytes after it then start the next run.
 */
function openMember(reader: ByteReader, compression: "gzip" | "zstd", first: Uint8Array): Member {
  const options = { chunkSize: CHUNK_BYTES };
  const stream: Gunzip | ZstdDecompress =
    compression === "gzip" ? zlib.createGunzip(options) : zlib.createZstdDecompress(options);
  let chunk: Uint8Array | undefined = first;
  let fedBytes = 0;

  async function feed(): Promise<void> {
    try {
      for (; chunk !== undefined; chunk = await reader.read()) {
        const bytes = chunk;
        await new Promise((resolve) => {
          stream.write(bytes, resolve);
        });
        // The frame ended within this chunk; the rest of it is for the next run.
        if (stream.bytesWritten < fedBytes + bytes.length) return;
        fedBytes += bytes.length;
      }
      stream.end();
    } catch (error) {
      stream.destroy(error as Error);
    }
  }

  // The iterator reports errors; without a listener their event would end the process as well.
  stream.on("error", () => undefined);
  const outputs: AsyncIterator<Uint8Array> = stream[Symbol.asyncIterator]();
  void feed();
  return {
    async read() {
      const next = await outputs.next();
      return next.done === true ? undefined : next.value;
    },
    get rest() {
      // A gzip stream goes through all members itself, and past the zeros that some tools add.
      if (compression === "gzip" || chunk === undefined) return new Uint8Array();
      return chunk.subarray(stream.bytesWritten - fedBytes);
    },
    cancel() {
      stream.destroy();
    },
  };
}

function isDecompressionError(error: unknown): error is Error {
  return error instanceof Error && /^(?:Z_|ZSTD_)/.test(String(codeOf(error)));
}
