import { describe, expect, it } from "vitest";
import { findReadingFault, standsIn } from "../fixtures/find-reading-fault.ts";
import { randomAnswer, randomNoise } from "../fixtures/random-answer.ts";
import { Random } from "../fixtures/random.ts";
import { listOf, objectOf } from "./index.ts";

/** A short form of `scripts/fuzz-reading.ts`, which reads millions. */
const SEEDS = Array.from({ length: 15_000 }, (_, seed) => seed);

describe("reading whatever comes", () => {
  it("reading a random answer never throws, makes nothing up, and gives sound JSON as it is", () => {
    const faults = SEEDS.flatMap((seed) => {
      const answer = randomAnswer(new Random(seed));
      const fault = findReadingFault(answer);
      return fault === undefined ? [] : [{ seed, fault, text: answer.text }];
    });
    expect(faults).toEqual([]);
  });

  it("reading random noise never throws", () => {
    const faults = SEEDS.flatMap((seed) => {
      const text = randomNoise(new Random(seed));
      const fault = findReadingFault({ text, value: undefined, isSound: false });
      return fault === undefined ? [] : [{ seed, fault, text }];
    });
    expect(faults).toEqual([]);
  });

  it("reading a random answer gives rows of texts, or none", async () => {
    for (const seed of SEEDS.slice(0, 3000)) {
      const { text } = randomAnswer(new Random(seed));
      for (const output of [listOf(["q", "a"]), objectOf(["q"])]) {
        for (const finishReason of ["stop", "length"] as const) {
          const reading = await output.read({ text, finishReason });
          const rows = reading.ok ? reading.outputs : (reading.partial?.outputs ?? []);
          expect(rows.flatMap((row) => Object.values(row)).every((cell) => typeof cell === "string")).toBe(
            true,
          );
        }
      }
    }
  });

  it.each<[boolean, string, unknown]>([
    [true, '{"a":"x y","b":["z"]}', { a: "x y", b: ["z"] }],
    [true, String.raw`{"a":"x\ny \u00e9 \d"}`, { a: String.raw`x${"\n"}y é \d` }],
    [false, '{"a":"x y"}', { a: "x", b: "z" }],
    [false, '{"a":"x y"}', { a: "y x" }],
    [false, '{"a":"x"}', { x: "a" }],
  ])("the check for made-up text sees a letter that is not there: %s for %s", (isFine, text, value) => {
    expect(standsIn(text, value)).toBe(isFine);
  });
});
