import { describe, expect, it } from "vitest";
import { countOf } from "./json-fields.ts";

describe("countOf", () => {
  it.each<[told: unknown, count: number]>([
    [12, 12],
    [0, 0],
    ["12", 12],
    [5.5, 6],
    [-3, 0],
    [1e300, 0],
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, 0],
    ["twelve", 0],
    ["1e300", 0],
    [true, 0],
    [null, 0],
    [undefined, 0],
    [[12], 0],
    [{ tokens: 12 }, 0],
  ])("countOf counts %j as %d tokens", (told, count) => {
    expect(countOf(told)).toBe(count);
  });
});
