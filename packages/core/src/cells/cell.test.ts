import { describe, expect, it } from "vitest";
import { cellText, parseJson } from "../index.ts";

describe("cellText", () => {
  it.each<[cell: unknown, text: string | undefined]>([
    ["text", "text"],
    ["", ""],
    ['"quoted"', '"quoted"'],
    [0, "0"],
    [-0, "0"],
    [1.5, "1.5"],
    [1e21, "1e+21"],
    [Number.NaN, "NaN"],
    [-Infinity, "-Infinity"],
    [false, "false"],
    [10n ** 20n, "100000000000000000000"],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [new URL("https://a.b/?q=1"), "https://a.b/?q=1"],
    [["a", 1, null, 2n ** 64n], '["a",1,null,18446744073709551616]'],
    [{ id: 2n ** 64n, at: new Date(0) }, '{"id":18446744073709551616,"at":"1970-01-01T00:00:00.000Z"}'],
    [new Map([["a", 1]]), '{"a":1}'],
    [new Set([1]), "[1]"],
    [new Float64Array([1.5]), "[1.5]"],
    [parseJson("1.10", { numbers: "written" }), "1.10"],
    [{ toJSON: () => "its own word" }, "its own word"],
    [{ toJSON: () => null }, undefined],
    [new Date(Number.NaN), undefined],
    [null, undefined],
    [undefined, undefined],
    [() => 1, undefined],
    [Symbol("x"), undefined],
  ])("cellText writes %o as %j", (cell, text) => {
    expect(cellText(cell)).toBe(text);
  });

  it("cellText throws where a cell has a circular reference", () => {
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    expect(() => cellText(loop)).toThrow(TypeError);
  });
});
