/** The time for one answer where none is told: answers can take ten minutes. */
const USUAL_MS = 900_000;
/** So many answers show how long answers take. */
const ENOUGH_ANSWERS = 100;
/** So many must have come while a request was on its way: a server that stalls is no reason to give a request up. */
const ANSWERS_MEANWHILE = 20;
/** How much longer than the slowest answer another one may take. */
const TIMES_SLOWEST = 10;
/** The least part of the usual time that is waited in any case. */
const LEAST_SHARE = 1 / 3;
/** How often it is looked whether a request has taken too long, in parts of the usual time. */
const LOOK_SHARE = 1 / 30;

/**
 * How long answers are waited for. A time that was told is kept to. Otherwise it is fifteen minutes, and less for a
 * request that takes far longer than the others: ten times as long as the slowest of at least a hundred answers, though
 * never less than five minutes, and only where twenty others came while it was on its way. Answers that are given up
 * may have to be paid for, so that nothing less is a sign that one will never come.
 */
export class Patience {
  /** Answers so far. */
  answers = 0;
  #slowestMs = 0;
  readonly #mostMs: number;
  readonly #isLearned: boolean;

  /** @param toldMs the time for one answer, as the user has told it @param usualMs for tests */
  constructor(toldMs: number | undefined, usualMs: number = USUAL_MS) {
    this.#mostMs = toldMs ?? usualMs;
    this.#isLearned = toldMs === undefined;
  }

  /** How long the slowest answer took so far; 0 before the first. */
  get slowestMs(): number {
    return this.#slowestMs;
  }

  /** An answer came. */
  answered(ms: number): void {
    this.answers += 1;
    if (ms > this.#slowestMs) this.#slowestMs = ms;
  }

  /** How long an answer is waited for at most, of a request that was sent when so many others had been answered. */
  limitMs(answersBefore: number): number {
    const isKnown = this.answers >= ENOUGH_ANSWERS && this.answers - answersBefore >= ANSWERS_MEANWHILE;
    if (!this.#isLearned || !isKnown) return this.#mostMs;
    return Math.min(this.#mostMs, Math.max(LEAST_SHARE * this.#mostMs, TIMES_SLOWEST * this.#slowestMs));
  }

  /** When to look again at a request that was sent so long ago, in milliseconds from now. */
  lookAfterMs(sinceMs: number): number {
    const leftMs = this.#mostMs - sinceMs;
    if (!this.#isLearned) return leftMs;
    return Math.min(leftMs, Math.max(LEAST_SHARE * this.#mostMs - sinceMs, LOOK_SHARE * this.#mostMs));
  }
}
