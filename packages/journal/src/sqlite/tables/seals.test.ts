import { createHash, createHmac, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Seals } from "./seals.ts";

const bytes = (min: number, max: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: min, maxLength: max });

it("a record is sealed with HMAC-SHA256, whatever the secret", () => {
  fc.assert(
    fc.property(bytes(32, 200), bytes(32, 32), (secret, digest) => {
      expect(Buffer.from(new Seals(secret).seal(digest) ?? [])).toEqual(
        createHmac("sha256", secret).update(digest).digest(),
      );
    }),
  );
});

it("a secret that could be guessed is refused", () => {
  for (const secret of [new Uint8Array(31), new Uint8Array(0)])
    expect(() => new Seals(secret)).toThrow("expected at least 32 random bytes");
});

it("a secret takes nothing for its own but what it has sealed, and a seal for nothing but its purpose", () => {
  const [mine, yours] = [new Seals(randomBytes(32)), new Seals(randomBytes(32))];
  const digest = createHash("sha256").update("a").digest();
  const other = createHash("sha256").update("b").digest();
  const origins = (seal: Uint8Array | null, sha256: unknown = digest): unknown[] =>
    [mine, yours, new Seals()].map((seals) => seals.originOfRun(digest, [sha256, seal]));
  expect(origins(mine.seal(digest))).toEqual(["own", "foreign", "own"]);
  expect(origins(mine.sealAdopted(digest))).toEqual(["adopted", "foreign", "own"]);
  expect(origins(mine.seal(other))).toEqual(["foreign", "foreign", "own"]);
  expect(origins(null)).toEqual(["foreign", "foreign", "own"]);
  expect(origins(null, null)).toEqual(["foreign", "foreign", "own"]);
  expect(origins(mine.seal(other), other)).toEqual(["damaged", "damaged", "damaged"]);
  expect(mine.originOf(digest, [digest, mine.sealAdopted(digest)])).toBe("foreign");
});
