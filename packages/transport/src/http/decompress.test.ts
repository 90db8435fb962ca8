import { promisify } from "node:util";
import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompress,
  zstdCompressSync,
} from "node:zlib";
import { describe, expect, it } from "vitest";
import { decompress } from "./decompress.ts";

const TEXT = Buffer.from("an answer ".repeat(1000));
const MAX = 2 ** 20;

describe("decompress", () => {
  it.each([
    ["gzip", gzipSync(TEXT)],
    ["X-GZIP", gzipSync(TEXT)],
    ["deflate", deflateSync(TEXT)],
    ["br", brotliCompressSync(TEXT)],
    ["zstd", zstdCompressSync(TEXT)],
    ["identity", TEXT],
    ["gzip, zstd", zstdCompressSync(gzipSync(TEXT))],
  ])("undoes the content-encoding %s", async (encoding, data) => {
    expect((await decompress(data, encoding, MAX)).equals(TEXT)).toBe(true);
  });

  it.each([
    ["a text that a proxy has decompressed already", "gzip", TEXT],
    ["a text under a coding of another kind", "br", TEXT],
    ["a text under a word that is no coding", "utf-8", TEXT],
    ["a text under a coding that nobody knows", "rot13, gzip", gzipSync(TEXT)],
    ["gzip that no header announces", "", gzipSync(TEXT)],
    ["gzip under a word that is no coding", "binary", gzipSync(TEXT)],
    ["gzip that a proxy has compressed once more", "gzip", gzipSync(gzipSync(TEXT))],
    ["deflate without its header", "deflate", deflateRawSync(TEXT)],
  ])("believes the bytes: %s", async (_what, encoding, data) => {
    expect((await decompress(data, encoding, MAX)).equals(TEXT)).toBe(true);
  });

  it.each([
    ["gzip that is damaged", "gzip", gzipSync(TEXT).fill(0xff, 10, 18)],
    ["bytes under a coding that nobody knows", "rot13", brotliCompressSync(TEXT)],
    ["bytes that are not deflate", "deflate", Buffer.alloc(100, 0xff)],
  ])("decompress refuses %s", async (_what, encoding, data) => {
    await expect(decompress(data, encoding, MAX)).rejects.toThrow(/./);
  });

  it.each([
    ["gzip", gzipSync(Buffer.alloc(4 * MAX))],
    ["br", brotliCompressSync(Buffer.alloc(4 * MAX))],
    ["zstd", zstdCompressSync(Buffer.alloc(4 * MAX))],
    ["deflate", deflateRawSync(Buffer.alloc(4 * MAX))],
    ["", gzipSync(Buffer.alloc(4 * MAX))],
  ])("decompress stops decompressing %s at the bound of its output", async (encoding, data) => {
    await expect(decompress(data, encoding, MAX)).rejects.toThrow(RangeError);
  });

  it("decompress refuses zstd bodies that ask for more memory than their output may have, however many come at once", async () => {
    const window = { [constants.ZSTD_c_windowLog]: 27 };
    const bomb = await promisify<Buffer, object, Buffer>(zstdCompress)(Buffer.alloc(130 * MAX), {
      params: window,
    });
    const before = process.memoryUsage().rss;
    const all = await Promise.allSettled(Array.from({ length: 50 }, () => decompress(bomb, "zstd", MAX)));
    expect(all.every(({ status }) => status === "rejected")).toBe(true);
    // Each would take 128 MiB for its window.
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * MAX);
    await expect(decompress(bomb, "zstd", MAX)).rejects.toThrow(RangeError);
  });
});
