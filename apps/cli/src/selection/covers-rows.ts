import { stringifyJson } from "@parallel-parrot/core";
import type { SelectionOptions } from "../flags/options.ts";
import { leavesOut } from "./selection.ts";

/**
 * Whether a run asks each row that an earlier run over the same rows has asked, so that nothing is missing from an
 * output that it writes anew: all rows, or the same selection with a larger limit or sample.
 */
export function coversRows(now: SelectionOptions, earlier: SelectionOptions): boolean {
  if (!isSame([now.cross ?? []], [earlier.cross ?? []])) return false;
  if (now.repeat !== earlier.repeat) {
    const hasMore = now.repeat !== undefined && earlier.repeat !== undefined && now.repeat > earlier.repeat;
    return hasMore && !leavesOut(now);
  }
  if (!leavesOut(now)) return true;
  if (!isSame(filtersOf(now), filtersOf(earlier))) return false;
  const isSameSample =
    now.sample === earlier.sample && (now.sample === undefined || seedOf(now) === seedOf(earlier));
  const [first, end] = rangeOf(now);
  if (isSameSample) {
    const [firstThen, endThen] = rangeOf(earlier);
    return first <= firstThen && end >= endThen;
  }
  return first === 0 && end === Number.POSITIVE_INFINITY && hasAllOfSample(now, earlier);
}

/** Whether two runs over the same rows ask the same ones. */
export function askSameRows(one: SelectionOptions, other: SelectionOptions): boolean {
  return coversRows(one, other) && coversRows(other, one);
}

function hasAllOfSample(now: SelectionOptions, earlier: SelectionOptions): boolean {
  if (now.sample === undefined) return true;
  return earlier.sample !== undefined && earlier.sample <= now.sample && seedOf(now) === seedOf(earlier);
}

function filtersOf({ where, skipEmpty = [] }: SelectionOptions): unknown {
  return [where, skipEmpty];
}

function rangeOf({
  offset = 0,
  limit = Number.POSITIVE_INFINITY,
}: SelectionOptions): readonly [number, number] {
  return [offset, offset + limit];
}

function seedOf({ sampleSeed = 1 }: SelectionOptions): number {
  return sampleSeed;
}

function isSame(one: unknown, other: unknown): boolean {
  return stringifyJson(one) === stringifyJson(other);
}
