import type { Rejection } from "@parallel-parrot/providers";

/**
 * So many jobs of a run may be refused for lines, and so many lines of a job, or half of them. With more, something is
 * wrong with all of them.
 */
const MAX_REFUSALS = 15;

/** The requests that an API has refused as lines of a job. They are put into no other job of the run. */
export class RefusedLines {
  readonly #rejections = new Map<string, Rejection>();
  #refusals = 0;

  /**
   * Whether one job more may be refused.
   *
   * @param lines for so many of its lines
   * @param requests so many it has
   */
  mayBeMore(lines: number, requests: number): boolean {
    return this.#refusals < MAX_REFUSALS && lines <= Math.max(MAX_REFUSALS, requests / 2);
  }

  /** A job was refused. @param rejections by the keys of those of its requests that are known */
  add(rejections: Iterable<readonly [key: string, rejection: Rejection]>): void {
    this.#refusals += 1;
    for (const [key, rejection] of rejections) this.#rejections.set(key, rejection);
  }

  /** Why a request is put into no job; `undefined` where it is. */
  of(key: string): Rejection | undefined {
    return this.#rejections.get(key);
  }
}
