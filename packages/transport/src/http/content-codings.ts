import type { Transform } from "node:stream";
import { promisify } from "node:util";
import zlib, { type BrotliOptions, type ZlibOptions, type ZstdOptions } from "node:zlib";

/** How a `content-encoding` is undone: for a whole body, which may have so many bytes, or piece by piece. */
export interface ContentCoding {
  undo(data: Buffer, options: { readonly maxOutputLength: number }): Promise<Buffer>;
  stream(): Transform;
}

const unzstd = promisify<Buffer, ZstdOptions, Buffer>(zlib.zstdDecompress);
/** The memory that a zstd body may ask for beside its output: 8 MiB, as RFC 9659 allows, and not zlib's 128 MiB. */
const ZSTD_PARAMS = { [zlib.constants.ZSTD_d_windowLogMax]: 23 };

export const GZIP: ContentCoding = {
  undo: promisify<Buffer, ZlibOptions, Buffer>(zlib.gunzip),
  stream: () => zlib.createGunzip(),
};

export const DEFLATE: ContentCoding = {
  undo: promisify<Buffer, ZlibOptions, Buffer>(zlib.inflate),
  stream: () => zlib.createInflate(),
};

/** What some servers call `deflate`, although it has not the header of one. */
export const RAW_DEFLATE: ContentCoding = {
  undo: promisify<Buffer, ZlibOptions, Buffer>(zlib.inflateRaw),
  stream: () => zlib.createInflateRaw(),
};

const CODINGS: Readonly<Record<string, ContentCoding>> = {
  gzip: GZIP,
  "x-gzip": GZIP,
  deflate: DEFLATE,
  br: {
    undo: promisify<Buffer, BrotliOptions, Buffer>(zlib.brotliDecompress),
    stream: () => zlib.createBrotliDecompress(),
  },
  zstd: {
    undo: (data, options) => unzstd(data, { ...options, params: ZSTD_PARAMS }),
    stream: () => zlib.createZstdDecompress({ params: ZSTD_PARAMS }),
  },
};

/** What a `content-encoding` names. */
export interface NamedCodings {
  /** In the order in which they are to be undone. */
  readonly codings: readonly ContentCoding[];
  /** A name that nobody knows, if there is one. */
  readonly unknown: string | undefined;
}

/** Reads a `content-encoding`. It lists codings in the order in which they were applied (RFC 9110 §8.4). */
export function codingsOf(encoding: string): NamedCodings {
  const names = encoding
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity")
    .toReversed();
  return {
    codings: names.flatMap((name) => CODINGS[name] ?? []),
    unknown: names.findLast((name) => CODINGS[name] === undefined),
  };
}

/** Whether these are the first bytes of a gzip file. No text begins so. */
export function isGzip(data: Buffer): boolean {
  return data[0] === 0x1f && data[1] === 0x8b;
}
