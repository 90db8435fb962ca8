import type { Rejection } from "@parallel-parrot/providers";

/** So many jobs of a run may be refused for a line. With more, something is wrong with all of them. */
const MAX_REFUSALS = 15;

/** The requests that an API has refused as lines of a job. They are put into no other job of the run. */
export class RefusedLines {
  readonly #rejections = new Map<string, Rejection>();
  #refusals = 0;

  /** Whether one job more may be refused. */
  get mayBeMore(): boolean {
    return this.#refusals < MAX_REFUSALS;
  }

  /** @param key of the request; `undefined` where the line cannot be looked up any more */
  add(key: string | undefined, rejection: Rejection): void {
    this.#refusals += 1;
    if (key !== undefined) this.#rejections.set(key, rejection);
  }

  /** Why a request is put into no job; `undefined` where it is. */
  of(key: string): Rejection | undefined {
    return this.#rejections.get(key);
  }
}
