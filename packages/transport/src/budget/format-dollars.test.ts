import { describe, expect, it } from "vitest";
import { formatDollars } from "./format-dollars.ts";

describe("formatDollars", () => {
  it.each([
    [0, "$0.00"],
    [5, "$5.00"],
    [12.5, "$12.50"],
    [0.027_149, "$0.0271"],
    [0.003_258_3, "$0.00326"],
    [0.000_000_012_3, "$0.0000000123"],
    [123_456.789, "$123,456.79"],
  ])("formatDollars writes %s dollars as %s", (dollars, text) => {
    expect(formatDollars(dollars)).toBe(text);
  });
});
