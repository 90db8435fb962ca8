import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellIdentity } from "./cell.ts";

/** The same value with all keys in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, cell]) => [key, reversed(cell)]),
  );
}

describe("the identity of a cell", () => {
  it("the identity of a cell does not see the order of keys", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(cellIdentity(reversed(value))).toBe(cellIdentity(value));
      }),
    );
  });

  it("the identity of a cell says all that JSON says", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(cellIdentity(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each<[one: unknown, other: unknown]>([
    [1, "1"],
    [1, 2n],
    [2n ** 64n, 2n ** 64n + 1n],
    [2n ** 64n, "18446744073709551616"],
    [2 ** 64, 2n ** 64n + 1n],
    [null, Number.NaN],
    [null, "null"],
    [true, "true"],
    [Number.NaN, Infinity],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], { 0: 1 }],
    [{}, []],
    [{ a: null }, {}],
    [new Date(0), new Date(1)],
    [new Date(0), new Date(0).toISOString()],
    [Symbol("a"), "a"],
    [new Map([[1, 2]]), new Map([[1, 3]])],
    [new URL("https://a.b/"), "https://a.b/"],
    [new Error("a"), new Error("a")],
    [() => 1, () => 1],
    [JSON.parse('{"__proto__":1}'), {}],
    [["a,b"], ["a", "b"]],
  ])("the identity of a cell tells %o from %o", (one, other) => {
    expect(cellIdentity([one])).not.toBe(cellIdentity([other]));
  });

  it.each<[one: unknown, other: unknown]>([
    [0, -0],
    [1, 1n],
    [[{ a: 2 ** 70 }], [{ a: 2n ** 70n }]],
    [1e30, BigInt(1e30)],
    [-1e21, -(10n ** 21n)],
    [{ a: undefined }, {}],
    [[undefined], [null]],
    [new Date(Number.NaN), new Date(Number.NaN)],
    [new Date(0), new Date(0)],
    [new URL("https://a.b/"), new URL("https://a.b")],
    [{ toJSON: () => [1] }, { toJSON: () => [1] }],
    [new Map([["a", 1]]), new Map([["a", 1]])],
    [new Map([["a", 1]]), { a: 1n }],
    [new Map([[1, 2]]), [[1, 2]]],
    [new Set([1, "a"]), [1, "a"]],
    [new Float64Array([1.5]), [1.5]],
    [new BigInt64Array([2n]), [2]],
    [Object.assign(Array(2), { 1: 1 }), [null, 1]],
    [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ])("the identity of a cell takes %o and %o for the same", (one, other) => {
    expect(cellIdentity(one)).toBe(cellIdentity(other));
  });

  it("the identity of a cell is found for very deep data and for loops", () => {
    const deep = (): unknown => JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
    expect(cellIdentity(deep())).not.toBe(cellIdentity(deep()));
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    expect(cellIdentity(loop)).toBe(cellIdentity(loop));
    const twofold: Record<string, unknown> = {};
    Object.assign(twofold, { one: twofold, other: [twofold] });
    expect(cellIdentity(twofold)).toBe(cellIdentity(twofold));
  });
});
