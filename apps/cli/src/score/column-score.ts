import { cellIdentity, cellText, comparableText } from "@parallel-parrot/core";
import { classScores, meanScore, type ClassScore, type MeanScore } from "./class-scores.ts";
import { Confusion } from "./confusion.ts";
import { NumberError, type NumberScore } from "./number-error.ts";

/** With more different answers than these, they are texts and no labels. */
export const MOST_LABELS = 50;

/** How well the answers in a column fit what is right. */
export interface Score {
  readonly column: string;
  readonly against: string;
  /** Rows that have an answer and what is right. */
  readonly scored: number;
  readonly withoutAnswer: number;
  /** Rows in which nothing says what is right; they are not scored. */
  readonly withoutExpected: number;
  /** Answers that are the same to the letter. */
  readonly exact: number;
  /** Answers that are the same but for case, white space, quotes around them and the mark that ends a sentence. */
  readonly same: number;
  /** Cohen's kappa; null where it says nothing. */
  readonly kappa: number | null;
  /** Where both sides have at most 50 different labels. */
  readonly classes: {
    readonly each: readonly ClassScore[];
    /** Each label counts the same. */
    readonly macro: MeanScore;
    /** Each label counts by its rows. */
    readonly weighted: MeanScore;
    /** A row for each label that is right, a column for each that was given, in the order of `each`. */
    readonly confusion: readonly (readonly number[])[];
  } | null;
  /** Where all answers and all that is right are numbers. */
  readonly numbers: NumberScore | null;
}

/** Compares the answers in a column with what is right, row by row. */
export class ColumnScore {
  readonly #column: string;
  readonly #against: string;
  readonly #confusion = new Confusion();
  readonly #numbers = new NumberError();
  /** How labels were written first. */
  readonly #names = new Map<string, string>();
  #areLabels = true;
  #areNumbers = true;
  #scored = 0;
  #exact = 0;
  #same = 0;
  #withoutAnswer = 0;
  #withoutExpected = 0;

  constructor(column: string, against: string) {
    this.#column = column;
    this.#against = against;
  }

  add(expected: unknown, given: unknown): void {
    if (isNothing(expected)) {
      this.#withoutExpected += 1;
      return;
    }
    if (isNothing(given)) {
      this.#withoutAnswer += 1;
      return;
    }
    this.#scored += 1;
    if (textOf(expected) === textOf(given)) this.#exact += 1;
    const [right, answer] = [this.#labelOf(expected), this.#labelOf(given)];
    if (right === answer) this.#same += 1;
    if (this.#areLabels) {
      this.#confusion.add(right, answer);
      this.#areLabels = this.#confusion.size <= MOST_LABELS;
    }
    const [number, answered] = [numberOf(expected), numberOf(given)];
    if (number === undefined || answered === undefined) this.#areNumbers = false;
    else if (this.#areNumbers) this.#numbers.add(number, answered);
  }

  get score(): Score {
    return {
      column: this.#column,
      against: this.#against,
      scored: this.#scored,
      withoutAnswer: this.#withoutAnswer,
      withoutExpected: this.#withoutExpected,
      exact: this.#exact,
      same: this.#same,
      kappa: this.#areLabels ? (this.#confusion.kappa ?? null) : null,
      classes: this.#areLabels && this.#scored > 0 ? this.#classes() : null,
      numbers: this.#areNumbers && this.#scored > 0 ? this.#numbers.score : null,
    };
  }

  #classes(): Score["classes"] {
    const confusion = this.#confusion;
    const each = classScores(confusion);
    const named = each.map((score) => ({ ...score, label: this.#names.get(score.label) ?? score.label }));
    return {
      each: named,
      macro: meanScore(each, () => 1),
      weighted: meanScore(each, ({ expected }) => expected),
      confusion: each.map(({ label }) => each.map((other) => confusion.of(label, other.label))),
    };
  }

  /** What counts as one label. Numbers are the same by their value: `3` and `3.0`. */
  #labelOf(cell: unknown): string {
    const number = numberOf(cell);
    const text = textOf(cell);
    const label = number === undefined ? comparableText(text) : String(number + 0);
    if (this.#areLabels && !this.#names.has(label)) this.#names.set(label, text);
    return label;
  }
}

function isNothing(cell: unknown): boolean {
  return cell === undefined || cell === null || (typeof cell === "string" && cell.trim() === "");
}

function textOf(cell: unknown): string {
  return cellText(cell) ?? cellIdentity(cell);
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** A number that a double holds with all of its digits; `undefined` for any other cell. */
function numberOf(cell: unknown): number | undefined {
  const text = textOf(cell).trim();
  if (!NUMBER.test(text)) return undefined;
  const number = Number(text);
  // An identifier of 20 digits would be the same as its neighbours.
  return Number.isFinite(number) && (Math.abs(number) < 2 ** 53 || !/^[+-]?\d+$/.test(text))
    ? number
    : undefined;
}
