import { sample, take } from "@parallel-parrot/tidy";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SelectionOptions } from "../flags/options.ts";
import { coversRows } from "./covers-rows.ts";

const ROWS = Array.from({ length: 12 }, (_, id) => id);

/** The rows that a selection leaves of twelve; the condition is worked out here. */
function rowsOf({
  where,
  sample: size,
  sampleSeed = 1,
  offset = 0,
  limit,
}: SelectionOptions): readonly number[] {
  const left = where === undefined ? ROWS : ROWS.filter((id) => id % 2 === 0);
  const drawn = size === undefined ? left : sample(left, { size, seed: sampleSeed });
  return [...take(drawn, { offset, ...(limit === undefined ? {} : { limit }) })];
}

const few = fc.option(fc.nat(6), { nil: undefined });
const selections: fc.Arbitrary<SelectionOptions> = fc.record({
  where: fc.constantFrom(undefined, "id % 2 == 0"),
  sample: few,
  sampleSeed: fc.constantFrom(1, 2),
  offset: fc.constantFrom(0, 0, 1, 3),
  limit: few,
});

describe("coversRows", () => {
  it("coversRows is true only where a run asks each row that the earlier one has asked", () => {
    fc.assert(
      fc.property(selections, selections, (now, earlier) => {
        if (!coversRows(now, earlier)) return;
        expect(rowsOf(now)).toEqual(expect.arrayContaining([...rowsOf(earlier)]));
      }),
      { numRuns: 2000 },
    );
  });

  it.each<[SelectionOptions, SelectionOptions]>([
    [{}, { where: "a", sample: 3, offset: 2, limit: 1 }],
    [{ limit: 20 }, { limit: 20 }],
    [{ limit: 40 }, { limit: 20 }],
    [
      { offset: 1, limit: 40 },
      { offset: 5, limit: 20 },
    ],
    [{ sample: 40 }, { sample: 20 }],
    [
      { where: "a", sample: 40 },
      { where: "a", sample: 20, limit: 5 },
    ],
    [{ where: "a" }, { where: "a", sample: 20 }],
    [{ repeat: 5 }, { repeat: 2 }],
  ])("coversRows lets %j replace the output of %j", (now, earlier) => {
    expect(coversRows(now, earlier)).toBe(true);
  });

  it.each<[SelectionOptions, SelectionOptions]>([
    [{ limit: 20 }, {}],
    [{ where: "a" }, { where: "b" }],
    [{ where: "a", limit: 5 }, {}],
    [{ skipEmpty: ["a"] }, { skipEmpty: ["b"] }],
    [{ sample: 20 }, { sample: 20, sampleSeed: 2 }],
    [{ sample: 40, limit: 30 }, { sample: 20 }],
    [{ cross: ["a"] }, {}],
    [{ repeat: 2 }, { repeat: 5 }],
    [{ repeat: 5, limit: 9 }, { repeat: 2 }],
  ])("coversRows does not let %j replace the output of %j", (now, earlier) => {
    expect(coversRows(now, earlier)).toBe(false);
  });
});
