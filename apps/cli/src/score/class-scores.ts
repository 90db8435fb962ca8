import type { Confusion } from "./confusion.ts";

/** How well one label is found. */
export interface ClassScore {
  readonly label: string;
  /** Rows in which it is right. */
  readonly expected: number;
  /** Rows in which it was given. */
  readonly given: number;
  /** The share of rows in which it was given rightly; 0 where it was never given. */
  readonly precision: number;
  /** The share of its rows in which it was given; 0 where it has none. */
  readonly recall: number;
  /** The harmonic mean of both. */
  readonly f1: number;
}

/** Means over all labels: each label counts the same, or by its rows. */
export interface MeanScore {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** The scores of each label, in the order of the labels. */
export function classScores(confusion: Confusion): readonly ClassScore[] {
  return confusion.labels.map((label) => {
    const right = confusion.of(label, label);
    const [expected, given] = [confusion.expected(label), confusion.given(label)];
    const precision = given === 0 ? 0 : right / given;
    const recall = expected === 0 ? 0 : right / expected;
    const f1 = expected + given === 0 ? 0 : (2 * right) / (expected + given);
    return { label, expected, given, precision, recall, f1 };
  });
}

/** The means of the scores. @param weightOf how much a label counts */
export function meanScore(scores: readonly ClassScore[], weightOf: (score: ClassScore) => number): MeanScore {
  const total = scores.reduce((sum, score) => sum + weightOf(score), 0);
  const mean = (valueOf: (score: ClassScore) => number): number =>
    total === 0 ? 0 : scores.reduce((sum, score) => sum + weightOf(score) * valueOf(score), 0) / total;
  return {
    precision: mean(({ precision }) => precision),
    recall: mean(({ recall }) => recall),
    f1: mean(({ f1 }) => f1),
  };
}
