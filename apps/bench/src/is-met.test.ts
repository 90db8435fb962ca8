import { describe, expect, it } from "vitest";
import { isMet } from "./is-met.ts";

describe("isMet", () => {
  it.each([
    [{ value: 1, atLeast: 1 }, true],
    [{ value: 0.99, atLeast: 1 }, false],
    [{ value: 1, atMost: 1 }, true],
    [{ value: 1.01, atMost: 1 }, false],
    [{ value: Number.NaN, atLeast: 1 }, false],
    [{ value: Number.NaN, atMost: 1 }, false],
  ])("isMet judges %o: %s", (bounds, met) => {
    expect(isMet({ what: "speed", unit: "×", ...bounds })).toBe(met);
  });
});
