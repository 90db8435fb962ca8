import type { LabelCounts, RowLabel } from "../wire.ts";
import type { Marks } from "../rows/row-filter.ts";
import { idNumber } from "../rows/row-ids.ts";

/** What rows can be chosen by. */
export const LABEL_CHOICES = ["good", "bad", "noted", "none"] as const;
export type LabelChoice = (typeof LABEL_CHOICES)[number];

/** The labels of the rows of one run, by their places. */
export class LabelledRows {
  readonly #bits: Uint8Array;

  /** @param answers the numbers of answers, by the places of their rows */
  constructor(answers: Float64Array, labels: ReadonlyMap<string, RowLabel>) {
    this.#bits = new Uint8Array(answers.length);
    if (labels.size === 0) return;
    const byNumber = new Map(Array.from(labels, ([id, label]) => [idNumber(id), bitsOf(label)]));
    for (const [place, answer] of answers.entries()) {
      const bits = byNumber.get(answer);
      if (bits !== undefined) this.#bits[place] = bits;
    }
  }

  marksOf(choice: LabelChoice): Marks {
    if (choice === "none") return this.#bits.map((bits) => (bits === 0 ? 1 : 0));
    const wanted = BITS[choice];
    return this.#bits.map((bits) => ((bits & wanted) === 0 ? 0 : 1));
  }

  get counts(): Pick<LabelCounts, "good" | "bad" | "noted"> {
    const counts = { good: 0, bad: 0, noted: 0 };
    for (const bits of this.#bits) {
      if (bits === 0) continue;
      if ((bits & BITS.good) !== 0) counts.good += 1;
      if ((bits & BITS.bad) !== 0) counts.bad += 1;
      if ((bits & BITS.noted) !== 0) counts.noted += 1;
    }
    return counts;
  }
}

const BITS = { good: 1, bad: 2, noted: 4 } as const;

function bitsOf({ verdict, note }: RowLabel): number {
  return (verdict === undefined ? 0 : BITS[verdict]) | (note === undefined ? 0 : BITS.noted);
}
