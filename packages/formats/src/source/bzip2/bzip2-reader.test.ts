import { createHash } from "node:crypto";
import { array, assert, asyncProperty, constantFrom, nat } from "fast-check";
import { describe, expect, it } from "vitest";
import { BZIP2_FILES, bzip2File } from "../../../fixtures/bzip2-files.ts";
import { Bzip2Error } from "./bzip2-error.ts";
import { bzip2Reader } from "./bzip2-reader.ts";

const SHORT = BZIP2_FILES.filter(({ length }) => length < 10_000);

interface Unpacked {
  readonly length: number;
  readonly sha256: string;
  readonly longestPiece: number;
}

async function unpack(chunks: readonly Uint8Array[]): Promise<Unpacked> {
  const left = [...chunks];
  const reader = bzip2Reader({ read: () => Promise.resolve(left.shift()), cancel: () => Promise.resolve() });
  const hash = createHash("sha256");
  let [length, longestPiece] = [0, 0];
  for (let piece = await reader.read(); piece !== undefined; piece = await reader.read()) {
    hash.update(piece);
    length += piece.length;
    longestPiece = Math.max(longestPiece, piece.length);
  }
  return { length, sha256: hash.digest("hex"), longestPiece };
}

describe("bzip2Reader", () => {
  it.each(BZIP2_FILES)(
    "bzip2Reader reads $name as Python has written it, in small pieces",
    async ({ bytes, length, sha256 }) => {
      const unpacked = await unpack([bytes]);
      expect(unpacked).toMatchObject({ length, sha256 });
      expect(unpacked.longestPiece).toBeLessThanOrEqual(64 * 1024);
    },
  );

  it("bzip2Reader reads the same however the bytes are cut", async () => {
    await assert(
      asyncProperty(
        constantFrom(...SHORT),
        array(nat(10_000), { maxLength: 20 }),
        async ({ bytes, length, sha256 }, cuts) => {
          const places = [0, ...cuts.map((cut) => cut % bytes.length), bytes.length].toSorted(
            (one, other) => one - other,
          );
          const chunks = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
          expect(await unpack(chunks)).toMatchObject({ length, sha256 });
        },
      ),
    );
    for (const { bytes, length, sha256 } of SHORT)
      expect(await unpack(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toMatchObject({
        length,
        sha256,
      });
  });

  it("bzip2Reader never takes damaged bytes for others than those that were written", async () => {
    await assert(
      asyncProperty(constantFrom(...SHORT), nat(), nat(7), async ({ bytes, length, sha256 }, place, bit) => {
        const damaged = Buffer.from(bytes);
        const at = place % damaged.length;
        damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
        const result = await unpack([damaged]).catch((error: unknown) => error);
        // The last bits of a stream have no meaning.
        const found = result instanceof Bzip2Error ? { length, sha256 } : result;
        expect(found).toMatchObject({ length, sha256 });
      }),
      { numRuns: 300 },
    );
  });

  it("bzip2Reader notices wherever bytes are cut off", async () => {
    const bytes = bzip2File("level 9");
    for (let length = 1; length < bytes.length; length++)
      await expect(unpack([bytes.subarray(0, length)])).rejects.toThrow(Bzip2Error);
  });

  it.each([
    ["another byte in the checksum of a block", 10, "wrong checksum of a block"],
    ["another byte in the last checksum", -2, "wrong checksum of the whole"],
    ["another byte in the mark of a block", 5, "no block where one should begin"],
    ["a level that does not exist", 3, "bytes that are not bzip2"],
  ])("bzip2Reader says what is wrong with %s", async (_, place, message) => {
    const bytes = bzip2File("words");
    const at = place < 0 ? bytes.length + place : place;
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    await expect(unpack([bytes])).rejects.toThrow(message);
  });

  it("bzip2Reader says that it does not read the randomized blocks of old versions", async () => {
    const bytes = bzip2File("words");
    bytes[14] = (bytes[14] ?? 0) | 0x80;
    await expect(unpack([bytes])).rejects.toThrow("bzip2 0.9.0");
  });

  it("bzip2Reader refuses bytes behind its end", async () => {
    await expect(unpack([bzip2File("words"), Buffer.from("tail")])).rejects.toThrow(
      "bytes that are not bzip2",
    );
  });

  it("bzip2Reader gives the bytes of one block after the other, up to where they are cut off", async () => {
    const bytes = bzip2File("equal bytes of several blocks");
    const left = [bytes.subarray(0, bytes.length / 2)];
    const reader = bzip2Reader({
      read: () => Promise.resolve(left.shift()),
      cancel: () => Promise.resolve(),
    });
    let length = 0;
    async function readAll(): Promise<void> {
      for (let piece = await reader.read(); piece !== undefined; piece = await reader.read())
        length += piece.length;
    }
    await expect(readAll()).rejects.toThrow("unexpected end");
    expect(length).toBeGreaterThan(5_000_000);
    expect(length).toBeLessThan(15_000_000);
  });
});
