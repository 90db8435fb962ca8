import { describe, expect, it } from "vitest";
import { hasTooManyValues, MAX_JSON_VALUES } from "./json-size.ts";

describe("hasTooManyValues", () => {
  it.each(["1,", "[],", "{},", '{"a":1},', '"x",'])(
    "hasTooManyValues tells a list of %s that is too long",
    (unit) => {
      const values = unit.replaceAll(/[^,[{]/g, "").length;
      const most = Math.floor((MAX_JSON_VALUES - 1) / values);
      for (const isJson of [true, false]) {
        expect(hasTooManyValues(`[${unit.repeat(most)}`, isJson)).toBe(false);
        expect(hasTooManyValues(`[${unit.repeat(most + 2)}`, isJson)).toBe(true);
      }
    },
  );

  it("hasTooManyValues does not count what stands in a text of JSON, with quotes and backslashes in it", () => {
    const text = String.raw`\",[{\\`.repeat(MAX_JSON_VALUES);
    expect(hasTooManyValues(`["${text}"]`, true)).toBe(false);
    expect(hasTooManyValues(`["${text}",${"1,".repeat(MAX_JSON_VALUES)}`, true)).toBe(true);
    expect(hasTooManyValues(`["${text}"]`, false)).toBe(true);
  });
});
