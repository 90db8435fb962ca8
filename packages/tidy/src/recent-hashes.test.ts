import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecentHashes } from "./recent-hashes.ts";

describe("RecentHashes", () => {
  it("RecentHashes does what a first-in, first-out set does, whatever collides in its table", () => {
    const maxSize = fc.integer({ min: 1, max: 9 });
    // The first word decides the slot: few of them make long chains that wrap around.
    const hashes = fc.array(fc.tuple(fc.constantFrom(0, 1, 14, 15, 0xffffffff), fc.nat(3)), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(maxSize, hashes, (maxSize, hashes) => {
        const known = new RecentHashes(maxSize);
        const model: string[] = [];
        for (const [first, last] of hashes) {
          const isNew = !model.includes(`${first} ${last}`);
          expect(known.add(new Uint8Array(new Uint32Array([first, 0, 0, last]).buffer))).toBe(isNew);
          if (isNew) model.push(`${first} ${last}`);
          if (model.length > maxSize) model.shift();
        }
      }),
      { numRuns: 1000 },
    );
  });
});
