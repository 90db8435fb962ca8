import { anything, assert, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { plainJson, stringifyJson } from "../index.ts";
import { writtenNumber } from "./written-number.ts";

describe("plainJson", () => {
  it.each([
    ["a map", new Map([["a", new Set([1])]])],
    ["a map of other keys", new Map([[1, { a: 2n }]])],
    ["a date", { at: new Date(0) }],
    ["a date without a value", [new Date(Number.NaN)]],
    ["a typed array", new Uint8Array([1, 2])],
    ["what JSON has no form for", { a: undefined, b: () => 1, c: Symbol("x"), d: [undefined, () => 1] }],
    ["a list with holes", Array.from({ length: 2 })],
    ["a boxed number", { a: Object(1) as unknown }],
    ["a key that is a number", { b: 1, "1": 2 }],
    ["a toJSON that gives a map", { toJSON: () => new Map([["a", 1]]) }],
    ["a toJSON that is told its key", { name: { toJSON: (key: string) => key } }],
    ["a key called __proto__", JSON.parse('{"__proto__":{"__proto__":1}}') as unknown],
  ])("plainJson makes %s plain, so that its JSON is that of stringifyJson", (_kind, value) => {
    expect(stringifyJson(plainJson(value))).toBe(stringifyJson(value));
  });

  it("plainJson changes the JSON of no value", () => {
    const values = anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
    });
    assert(
      property(values, (value) => {
        expect(stringifyJson(plainJson(value))).toBe(stringifyJson(value));
      }),
    );
  });

  it("plainJson throws what a toJSON throws", () => {
    const broken = {
      toJSON() {
        throw new Error("no answer yet");
      },
    };
    expect(() => plainJson({ deep: [broken] })).toThrow("no answer yet");
  });

  it.each([
    [
      "has itself in it",
      (() => {
        const loop: unknown[] = [];
        loop.push({ loop }, { loop });
        return loop;
      })(),
    ],
    ["is very deep", JSON.parse(`${"[".repeat(1000)}${"]".repeat(1000)}`) as unknown],
    ["holds a number that is kept as it was written", { a: writtenNumber("1.10") }],
  ])("plainJson refuses a value that %s", (_kind, value) => {
    expect(() => plainJson(value)).toThrow(RangeError);
  });

  it("plainJson tells each key that is written", () => {
    const keys: string[] = [];
    plainJson({ a: { b: 1 }, c: undefined, d: [{ b: 2 }] }, { onKey: (key) => keys.push(key) });
    expect(keys).toEqual(["b", "a", "b", "d"]);
  });
});
