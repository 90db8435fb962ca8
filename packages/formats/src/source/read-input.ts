import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { ByteReader } from "./byte-reader.ts";
import { decompressed } from "./decompressed.ts";
import { foundDecompressed } from "./found-compression.ts";
import { fileReader } from "./file-reader.ts";
import { compressionOf, type Compression } from "../compression.ts";
import type { InputDigester } from "./input-digest.ts";
import { isAddress, shownAddress } from "./remote/remote-address.ts";
import { remoteReader } from "./remote/remote-reader.ts";
import { invalidInput, type InputName } from "./input-name.ts";

/** What a source reads: a path or file URL, a web address, `"-"` for standard input, or a stream of bytes or text. */
export type Input =
  | string
  | URL
  | ReadableStream<Uint8Array>
  | ReadableStream<string>
  | AsyncIterable<Uint8Array | string>;

const CHUNK_BYTES = 64 * 1024;

/** What an input is called, and the path where it is a file. */
export function nameInput(input: Input): InputName {
  const path = pathOf(input);
  if (path === "-") return { label: "standard input", position: {} };
  if (path === undefined) return { label: "the input", position: {} };
  const file = shownAddress(path);
  return { label: file, position: { file } };
}

/** A reader of an input's decompressed bytes, in chunks of at most 64 KiB. The digester sees them as they are stored. */
export function readInput(input: Input, compression: Compression, digester?: InputDigester): ByteReader {
  const name = nameInput(input);
  return inSmallChunks(decompressed(storedBytes(input, name, compression, digester), compression, name));
}

/** {@linkcode readInput} of text, whose first bytes tell how it is compressed; `onFound` is told what its name does not say. */
export function readText(
  input: Input,
  onFound: (compression: Compression) => void,
  digester?: InputDigester,
): ByteReader {
  const name = nameInput(input);
  const path = pathOf(input);
  const named = path === undefined ? "none" : compressionOf(path);
  return inSmallChunks(foundDecompressed(storedBytes(input, name, named, digester), named, name, onFound));
}

function storedBytes(
  input: Input,
  name: InputName,
  compression: Compression,
  digester: InputDigester | undefined,
): ByteReader {
  const path = pathOf(input);
  const isRemote = path !== undefined && isAddress(path);
  const raw = isRemote ? remoteReader(path, name, compression) : rawReader(input, path, name);
  return digester?.through(raw) ?? raw;
}

/** The path or the address of an input; `undefined` for a stream. */
export function pathOf(input: Input): string | undefined {
  if (input instanceof URL) return input.protocol === "file:" ? fileURLToPath(input) : input.href;
  return typeof input === "string" ? input : undefined;
}

function rawReader(input: Input, path: string | undefined, name: InputName): ByteReader {
  if (path === "-") return iterableReader(process.stdin, name);
  if (path !== undefined) return fileReader(path, name);
  if (input instanceof ReadableStream) return streamReader(input, name);
  return iterableReader(input as AsyncIterable<Uint8Array | string>, name);
}

function streamReader(stream: ReadableStream<Uint8Array | string>, name: InputName): ByteReader {
  const reader = stream.getReader();
  const toBytes = byteEncoder(name);
  return {
    async read() {
      const { done, value } = await reader.read();
      return done ? toBytes.end() : toBytes.encode(value);
    },
    cancel: (reason) => reader.cancel(reason),
  };
}

function iterableReader(chunks: AsyncIterable<Uint8Array | string>, name: InputName): ByteReader {
  let iterator: AsyncIterator<Uint8Array | string> | undefined;
  const toBytes = byteEncoder(name);
  return {
    async read() {
      iterator ??= chunks[Symbol.asyncIterator]();
      const next = await iterator.next();
      return next.done === true ? toBytes.end() : toBytes.encode(next.value);
    },
    async cancel() {
      // A Node stream's iterator would hear of it only after the read in progress.
      if (chunks instanceof Readable) chunks.destroy();
      else await iterator?.return?.();
    },
  };
}

/** Turns text chunks into UTF-8, though a chunk may end between the two halves of a character. */
function byteEncoder(name: InputName): {
  encode(chunk: unknown): Uint8Array;
  end(): undefined;
} {
  let half = "";
  return {
    encode(chunk) {
      if (chunk instanceof Uint8Array) return chunk;
      if (typeof chunk !== "string") {
        throw invalidInput(name, {}, `expected chunks of bytes or text, got ${typeof chunk}`);
      }
      let text = half + chunk;
      half = /[\uD800-\uDBFF]$/.exec(text)?.[0] ?? "";
      text = text.slice(0, text.length - half.length);
      if (!text.isWellFormed()) throw invalidInput(name, {}, "the text contains half of a surrogate pair");
      return Buffer.from(text);
    },
    end() {
      if (half !== "") throw invalidInput(name, {}, "the text ends with half of a surrogate pair");
      return undefined;
    },
  };
}

function inSmallChunks(reader: ByteReader): ByteReader {
  let rest: Uint8Array = new Uint8Array();
  return {
    async read() {
      while (rest.length === 0) {
        const chunk = await reader.read();
        if (chunk === undefined) return undefined;
        rest = chunk;
      }
      const head = rest.subarray(0, CHUNK_BYTES);
      rest = rest.subarray(CHUNK_BYTES);
      return head;
    },
    cancel: (reason) => reader.cancel(reason),
  };
}
