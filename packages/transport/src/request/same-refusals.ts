import type { Rejection } from "@parallel-parrot/providers";
import { wordsOf } from "../errors/words-of.ts";
import type { RowContext } from "./row-context.ts";

/** A false alarm doubles the number of rows that raise the next one, so many times at most. */
const MAX_DOUBLINGS = 4;

/** A refusal of which it is not known yet whether the row is at fault. */
interface OpenRefusal {
  /** Its number among all refusals of the endpoint. */
  readonly number: number;
  readonly row: RowContext;
  /** What finds it in the journal; `undefined` without one. */
  readonly key: string | undefined;
}

/**
 * Counts the rows that one endpoint refuses in succession with the same words, while it tells each of them that the row
 * is at fault. An answer to something that was sent after a refusal shows that this was so.
 */
export class SameRefusals {
  readonly #max: number;
  #doublings = 0;
  #words = "";
  #open: OpenRefusal[] = [];

  /** @param max how many rows are too many; 0 for never */
  constructor(max: number) {
    this.#max = max;
  }

  get isOn(): boolean {
    return this.#max > 0;
  }

  /** How many rows were refused with the same words. */
  get count(): number {
    return new Set(this.#open.map(({ row }) => row)).size;
  }

  /** Whether the row may not be at fault, as so many were refused. */
  get areTooMany(): boolean {
    const max = this.#max * 2 ** this.#doublings;
    return this.isOn && this.#open.length >= max && this.count >= max;
  }

  /** Notes a refusal. Returns the keys of those before it whose rows are at fault: they were told other words. */
  add(rejection: Rejection, refusal: OpenRefusal): readonly string[] {
    const words = wordsOf(rejection);
    if (words === this.#words) {
      this.#open.push(refusal);
      return [];
    }
    const before = this.#open;
    this.#words = words;
    this.#doublings = 0;
    this.#open = [refusal];
    return keysOf(before);
  }

  /**
   * Notes an answer. Returns the keys of those refusals whose rows are at fault.
   *
   * @param refusalsBefore how many refusals there were when the request was sent that is answered
   */
  answered(refusalsBefore: number): readonly string[] {
    if (this.#open.length === 0) return [];
    const right = this.#open.filter(({ number }) => number <= refusalsBefore);
    if (right.length === 0) return [];
    if (this.areTooMany && this.#doublings < MAX_DOUBLINGS) this.#doublings += 1;
    this.#open = this.#open.filter(({ number }) => number > refusalsBefore);
    return keysOf(right);
  }

  /** Notes the end of the run. Returns the keys of those refusals whose rows are at fault, as there were only few. */
  end(): readonly string[] {
    return this.areTooMany ? [] : keysOf(this.#open);
  }
}

function keysOf(refusals: readonly OpenRefusal[]): readonly string[] {
  return refusals.flatMap(({ key }) => key ?? []);
}
