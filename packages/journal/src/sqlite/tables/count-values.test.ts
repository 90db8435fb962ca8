import * as fc from "fast-check";
import { expect, it } from "vitest";
import { countValues } from "./count-values.ts";

/** Values in lists and objects, and these themselves. */
function partsOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const inside: readonly unknown[] = Object.values(value);
  return Math.max(1, inside.length) + inside.reduce<number>((sum, each) => sum + partsOf(each), 0);
}

it("countValues counts the values of a JSON text, whatever is in its strings", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(countValues(JSON.stringify(value))).toBe(partsOf(value));
    }),
  );
});

it.each(['"', '["', String.raw`["\"`, String.raw`["\\\",[`])("countValues comes to an end in %j", (json) => {
  expect(countValues(json)).toBe(json.startsWith("[") ? 1 : 0);
});
