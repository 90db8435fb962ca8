import { describe, expect, it } from "vitest";
import { ColumnScore, type Score } from "./column-score.ts";
import { Confusion } from "./confusion.ts";

function scoreOf(expected: readonly unknown[], given: readonly unknown[]): Score {
  const score = new ColumnScore("answer", "label");
  for (const [at, right] of expected.entries()) score.add(right, given[at]);
  return score.score;
}

describe("ColumnScore", () => {
  // The example of `classification_report` in the user guide of scikit-learn.
  it("ColumnScore gives precision, recall and F1 of each label, and both of their means, as scikit-learn does", () => {
    const { classes, same, scored } = scoreOf([0, 1, 2, 2, 0], [0, 0, 2, 1, 0]);
    expect([same, scored]).toEqual([3, 5]);
    expect(classes?.each).toMatchObject([
      { label: "0", expected: 2, given: 3, precision: 2 / 3, recall: 1, f1: 0.8 },
      { label: "1", expected: 1, given: 1, precision: 0, recall: 0, f1: 0 },
      { label: "2", expected: 2, given: 1, precision: 1, recall: 0.5, f1: 2 / 3 },
    ]);
    expect(classes?.macro.f1).toBeCloseTo(0.49, 2);
    expect(classes?.weighted.precision).toBeCloseTo(0.67, 2);
    expect(classes?.weighted.f1).toBeCloseTo(0.59, 2);
    expect(classes?.confusion).toEqual([
      [2, 0, 0],
      [1, 0, 0],
      [0, 1, 1],
    ]);
  });

  // Expected values are those of scikit-learn 1.9.1 and numpy 2.4.6.
  it("ColumnScore tells how far numbers are off, also where they are large", () => {
    const { numbers } = scoreOf(["3", -0.5, 2, "7"], [2.5, "0.0", 2, 8]);
    expect(numbers?.meanError).toBeCloseTo(0.25, 12);
    expect(numbers?.meanAbsoluteError).toBeCloseTo(0.5, 12);
    expect(numbers?.rootMeanSquaredError).toBeCloseTo(0.612_372_435_7, 10);
    expect(numbers?.largestError).toBe(1);
    expect(numbers?.explained).toBeCloseTo(0.948_608_137, 9);
    const large = scoreOf([1e9 + 1, 1e9 + 2, 1e9 + 3], [1e9 + 1, 1e9 + 3, 1e9 + 3]).numbers;
    expect(large?.correlation).toBeCloseTo(0.866_025_4, 7);
    expect(large?.explained).toBeCloseTo(0.5, 12);
  });

  it("ColumnScore compares labels however they are written, and counts those that are the same to the letter", () => {
    const { exact, same, classes } = scoreOf(
      ["Good", "Good", "bad", "3", "5%"],
      ["good.", "Good", "BAD", "3.0", "5"],
    );
    expect([exact, same]).toEqual([1, 4]);
    expect(classes?.each.map(({ label }) => label)).toEqual(["3", "5", "5%", "bad", "Good"]);
  });

  it("ColumnScore leaves out rows without an answer or without what is right, and counts both", () => {
    expect(scoreOf(["a", "", null, "b", "c"], ["a", "x", "x", " ", null])).toMatchObject({
      scored: 1,
      same: 1,
      withoutAnswer: 2,
      withoutExpected: 2,
    });
    expect(scoreOf([], [])).toMatchObject({ scored: 0, kappa: null, classes: null, numbers: null });
  });

  it("ColumnScore takes more than 50 different answers for texts, and an identifier of 20 digits for no number", () => {
    const texts = Array.from({ length: 60 }, (_, at) => `text ${at}`);
    expect(scoreOf(texts, texts)).toMatchObject({ same: 60, exact: 60, classes: null, kappa: null });
    expect(scoreOf(["12345678901234567890"], ["12345678901234567891"])).toMatchObject({
      same: 0,
      numbers: null,
    });
  });
});

describe("ColumnScore with a hostile cell", () => {
  it("ColumnScore reads a cell of a million digits and a letter in linear time", () => {
    const cell = `${"0".repeat(1_000_000)}x`;
    expect(scoreOf([cell], [cell])).toMatchObject({ scored: 1, exact: 1, numbers: null });
  });
});

describe("Confusion", () => {
  it.each([
    // The worked example of the article on Cohen's kappa in Wikipedia.
    [20, 5, 10, 15, 0.4],
    [45, 15, 25, 15, 0.130_434_782_6],
    [25, 35, 5, 35, 0.259_259_259_3],
  ])("Confusion has the kappa of the counts %i, %i, %i, %i", (both, one, other, none, kappa) => {
    const confusion = new Confusion();
    const add = (count: number, expected: string, given: string): void => {
      for (let at = 0; at < count; at++) confusion.add(expected, given);
    };
    add(both, "yes", "yes");
    add(one, "yes", "no");
    add(other, "no", "yes");
    add(none, "no", "no");
    expect(confusion.kappa).toBeCloseTo(kappa, 9);
  });

  it("Confusion has no kappa where both sides have one label alone", () => {
    const confusion = new Confusion();
    expect(confusion.kappa).toBeUndefined();
    confusion.add("a", "a");
    expect(confusion.kappa).toBeUndefined();
  });
});
