import {
  cellIdentity,
  expecting,
  getCell,
  isPlainObject,
  missingColumns,
  type OptionCheck,
  type Row,
} from "@parallel-parrot/core";
import { placeOfText } from "../place-of-text.ts";

/** The share of the rows that each split gets, by its name: `{ train: 0.9, test: 0.1 }`. */
export type SplitShares = Readonly<Record<string, number>>;

/** Hugging Face takes these names, and each of them can be a part of a file name. */
const NAME = /^\w{1,64}$/;
/** How far a sum of decimal shares may be from 1. */
const TOLERANCE = 1e-9;

export const someShares: OptionCheck = {
  problemOf(value, option) {
    const message = problemOf(value);
    return message === undefined ? undefined : { option, message };
  },
};

const anObjectOfShares = expecting(
  "an object of names and shares, such as { train: 0.9, test: 0.1 }",
  isPlainObject,
);

function problemOf(value: unknown): string | undefined {
  const wrong = anObjectOfShares.problemOf(value, "")?.message;
  if (wrong !== undefined) return wrong;
  const shares = Object.entries(value as Readonly<Record<string, unknown>>);
  const odd = shares.find(([name]) => !NAME.test(name));
  if (odd !== undefined)
    return `the name of a split has letters without accents, digits and underscores, and ${JSON.stringify(odd[0])} has others`;
  const names = new Set(shares.map(([name]) => name.toLowerCase()));
  if (names.size < shares.length) return "two splits have the same name but for capitals";
  const wrongShare = shares.find(([, share]) => !(typeof share === "number" && share > 0 && share <= 1));
  if (wrongShare !== undefined) return `the share of ${wrongShare[0]} must be a number above 0 and at most 1`;
  const sum = shares.reduce((total, [, share]) => total + Number(share), 0);
  return Math.abs(sum - 1) <= TOLERANCE
    ? undefined
    : `the shares must add up to 1, and they add up to ${Number(sum.toFixed(6))}`;
}

/**
 * Makes a function that tells which split a row belongs to, by a hash of the row or of some of its columns. It is the
 * same in every run, whatever other rows there are, and equal rows are never in different splits.
 *
 * @param by the columns that are hashed: rows that are equal there stay together. @default all
 */
export function splitter(shares: SplitShares, by?: readonly string[]): (row: Row) => string {
  let bound = 0;
  const bounds = Object.entries(shares).map(([name, share]) => [name, (bound += share)] as const);
  const last = bounds.at(-1)?.[0] ?? "";
  let isFirst = true;
  return (row) => {
    if (isFirst && by !== undefined) requireColumns(row, by);
    isFirst = false;
    const key = by === undefined ? row : by.map((column) => getCell(row, column));
    const place = placeOfText(cellIdentity(key));
    return bounds.find(([, end]) => place < end)?.[0] ?? last;
  };
}

function requireColumns(row: Row, by: readonly string[]): void {
  const missing = by.filter((column) => !Object.hasOwn(row, column));
  if (missing.length > 0)
    throw missingColumns("Cannot split the rows: the first row has no column", missing, Object.keys(row), {
      option: "splitBy",
    });
}
