import { hash } from "node:crypto";
import { stringifyJson, type Row } from "@parallel-parrot/core";
import type { ReadRow } from "../run-source.ts";

const FIRST_ROWS = 1024;

/** Numbers by which the rows of a run are known again: of equal inputs, and of equal answers to the same request, they are equal. */
export class RowIds {
  #inputs = new Float64Array(FIRST_ROWS);
  #answers = new Float64Array(FIRST_ROWS);
  #count = 0;

  /** @param modelColumn a column that names the model of a row, and is no part of its input */
  add(read: ReadRow, modelColumn: string | undefined): void {
    if (this.#count === this.#inputs.length) {
      this.#inputs = twiceAsLong(this.#inputs);
      this.#answers = twiceAsLong(this.#answers);
    }
    this.#inputs[this.#count] = idNumber(inputId(read.row, modelColumn));
    this.#answers[this.#count] = idNumber(answerId(read));
    this.#count += 1;
  }

  /** By the places of rows. */
  get inputs(): Float64Array {
    return this.#inputs.subarray(0, this.#count);
  }

  /** By the places of rows: {@linkcode idNumber} of their {@linkcode answerId}. */
  get answers(): Float64Array {
    return this.#answers.subarray(0, this.#count);
  }
}

/** What an answer is known by, in whichever run it is shown: the row, what was asked, and what came of it. */
export function answerId({ row, keys, outputs, failure }: ReadRow): string {
  return idOf([row, keys, outputs, failure?.answer ?? null]);
}

/** 52 bits of an id, which is what a number holds: two of a million rows have the same with a chance of 1 in 9,000. */
export function idNumber(id: string): number {
  return Number.parseInt(id.slice(0, NUMBER_DIGITS), 16);
}

const NUMBER_DIGITS = 13;
const ID_DIGITS = 32;

function inputId(row: Row, modelColumn: string | undefined): string {
  if (modelColumn === undefined) return idOf(row);
  const { [modelColumn]: _, ...input } = row;
  return idOf(input);
}

function idOf(value: unknown): string {
  return hash("sha256", stringifyJson(value) ?? "", "hex").slice(0, ID_DIGITS);
}

function twiceAsLong(numbers: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(numbers.length * 2);
  longer.set(numbers);
  return longer;
}
