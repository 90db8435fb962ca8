import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellIdentity } from "@parallel-parrot/core";
import { newOutputTest } from "./new-output-test.ts";

const cell = fc.oneof(
  fc.string(),
  fc.double(),
  fc.integer(),
  fc.bigInt({ min: -3n, max: 3n }),
  fc.constantFrom(2 ** 60, 2n ** 60n, 2n ** 60n + 1n),
  fc.boolean(),
  fc.constant(null),
  fc.constant({ a: 1 }),
);
const output = fc.dictionary(fc.constantFrom("a", "b", "c", "d"), cell, { noNullPrototype: true });

function shuffled<T>(items: readonly T[], seed: number): T[] {
  return items.toSorted(
    (a, b) => ((seed * 31 + String(a).length) % 7) - ((seed * 17 + String(b).length) % 5),
  );
}

describe("newOutputTest", () => {
  it.each([1, -5, 2 ** 31, 2 ** 60, -(2 ** 53), 1e30])(
    "newOutputTest takes %d and the same bigint for the same",
    (number) => {
      const isNew = newOutputTest([[{ a: number }], [{ a: BigInt(number) }]]);
      expect([isNew({ a: number }), isNew({ a: BigInt(number) })]).toEqual([true, false]);
    },
  );

  it("newOutputTest finds exactly the duplicates that the canonical texts show, whatever the order of keys", () => {
    fc.assert(
      fc.property(fc.array(output, { maxLength: 6 }), fc.integer({ min: 0, max: 1000 }), (outputs, seed) => {
        const turned = outputs.map((one) => Object.fromEntries(shuffled(Object.entries(one), seed)));
        const lists = [outputs, turned];
        const isNew = newOutputTest(lists);
        const kept = lists.flat().filter((one) => isNew(one));
        expect(kept.length).toBe(new Set(outputs.map(cellIdentity)).size);
      }),
    );
  });

  it("newOutputTest is not misled by sums of fractions, which depend on their order", () => {
    const isNew = newOutputTest([[{ a: 0.1, b: 0.2, c: 0.3 }], [{ c: 0.3, b: 0.2, a: 0.1 }]]);
    expect(isNew({ a: 0.1, b: 0.2, c: 0.3 })).toBe(true);
    expect(isNew({ c: 0.3, b: 0.2, a: 0.1 })).toBe(false);
  });

  it("newOutputTest tells texts of the same outline apart", () => {
    const isNew = newOutputTest([[{ a: "abxcd" }, { a: "aixjd" }]]);
    expect([isNew({ a: "abxcd" }), isNew({ a: "aixjd" })]).toEqual([true, true]);
  });
});
