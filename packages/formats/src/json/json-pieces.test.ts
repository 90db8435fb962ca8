import { stringifyJson } from "@parallel-parrot/core";
import { anything, assert, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonPieces } from "../index.ts";

const textOf = (value: unknown): string => [...jsonPieces(value)].join("");

describe("jsonPieces", () => {
  it("the pieces of a value are together the JSON that core writes", () => {
    const values = anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
    });
    assert(
      property(values, (value) => {
        expect(textOf(value)).toBe(stringifyJson(value) ?? "");
      }),
    );
  });

  it.each([
    [
      "an object whose members look like those of a stream",
      { read: 1, pause: 2, pipe: 3, toJSON: 4, _readableState: {} },
    ],
    ["a key called __proto__", JSON.parse('{"__proto__":1}') as unknown],
    ["half a surrogate pair", ["\uD800", { "\uDC00": 1 }]],
    ["an empty key", { "": "" }],
    ["a bigint", { id: 12_345_678_901_234_567_890n }],
    ["a value of 100,000 levels", JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`) as unknown],
  ])("jsonPieces writes %s as core does", (_kind, value) => {
    expect(textOf(value)).toBe(stringifyJson(value));
  });

  it("jsonPieces gives a large value out in pieces", () => {
    const value = { rows: Array.from({ length: 5000 }, (_, id) => ({ id, text: "x".repeat(100) })) };
    const lengths = Array.from(jsonPieces(value), (piece) => piece.length);
    expect(lengths.length).toBeGreaterThan(3);
    expect(Math.max(...lengths)).toBeLessThan(200_000);
  });

  it("jsonPieces throws what a toJSON throws, before the first piece", () => {
    const broken = {
      first: "x".repeat(100_000),
      last: {
        toJSON() {
          throw new Error("not now");
        },
      },
    };
    expect(() => jsonPieces(broken).next()).toThrow("not now");
  });

  it("jsonPieces writes objects whose keys are all different, far more of them than it remembers", () => {
    for (let id = 0; id < 3000; id += 1) {
      const value = { [`${id} ${"x".repeat(500)}`]: { [`${id}`]: id } };
      expect(textOf(value)).toBe(JSON.stringify(value));
    }
  });

  it("a promise in a value is not waited for: it is an object without members", () => {
    expect(textOf({ a: Promise.resolve(1) })).toBe('{"a":{}}');
  });
});
