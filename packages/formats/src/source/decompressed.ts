import zlib, { type Gunzip, type ZstdDecompress } from "node:zlib";
import type { ByteReader } from "./byte-reader.ts";
import { Bzip2Error } from "./bzip2/bzip2-error.ts";
import { bzip2Reader } from "./bzip2/bzip2-reader.ts";
import { firstThen } from "./first-then.ts";
import type { Compression } from "../compression.ts";
import { invalidInput, type InputName } from "./input-name.ts";
import { codeOf } from "../system-error.ts";

const CHUNK_BYTES = 64 * 1024;

/** A reader of the decompressed bytes of another. */
export function decompressed(reader: ByteReader, compression: Compression, name: InputName): ByteReader {
  if (compression === "none") return reader;
  let member: Member | undefined;
  /** What was read from the input behind a member. */
  let next: Uint8Array = new Uint8Array();
  let isBehindMember = false;
  let ended = false;
  return {
    async read() {
      while (!ended) {
        if (member === undefined) {
          const first = next.length > 0 ? next : await reader.read();
          next = new Uint8Array();
          // Without this, an empty file would be a truncated one.
          if (first === undefined) break;
          // Some tools fill the last block behind a member with zeros.
          const at = isBehindMember && compression === "gzip" ? first.findIndex((byte) => byte !== 0) : 0;
          if (at === -1) continue;
          member = openMember(reader, compression, first.subarray(at));
        }
        try {
          const chunk = await member.read();
          if (chunk !== undefined) return chunk;
        } catch (error) {
          if (!isDecompressionError(error)) throw error;
          const problem = `the ${compression} data is damaged or cut off (${error.message})`;
          throw invalidInput(name, {}, problem, { cause: error });
        }
        next = member.rest;
        member = undefined;
        isBehindMember = true;
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

function openMember(
  reader: ByteReader,
  compression: Exclude<Compression, "none">,
  first: Uint8Array,
): Member {
  if (compression !== "bzip2") return zlibMember(reader, compression, first);
  const chunks = bzip2Reader(firstThen(first, reader));
  // It goes through all streams itself, and holds nothing that has to be given back.
  return { read: () => chunks.read(), rest: new Uint8Array(), cancel: () => undefined };
}

/**
 * One run of a decompressor of zlib. A file may hold several members. Node's decompressor of zstd ends at the first that ends
 * within a chunk, and that of gzip at zeros behind one; the bytes after it then start the next run.
 */
function zlibMember(reader: ByteReader, compression: "gzip" | "zstd", first: Uint8Array): Member {
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
      return chunk === undefined ? new Uint8Array() : chunk.subarray(stream.bytesWritten - fedBytes);
    },
    cancel() {
      stream.destroy();
    },
  };
}

function isDecompressionError(error: unknown): error is Error {
  if (error instanceof Bzip2Error) return true;
  return error instanceof Error && /^(?:Z_|ZSTD_)/.test(String(codeOf(error)));
}
