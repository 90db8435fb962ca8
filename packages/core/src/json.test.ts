import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isWrittenNumber, parseJson, stringifyJson } from "./json.ts";

describe("parseJson", () => {
  it.each<[text: string, value: unknown]>([
    ["1", 1],
    ["-0", -0],
    ["1.10", 1.1],
    ["1e5", 100_000],
    ["1e300", 1e300],
    ["9007199254740991", 9_007_199_254_740_991],
    ["-9007199254740991", -9_007_199_254_740_991],
    ["9007199254740992", 9_007_199_254_740_992n],
    ["9007199254740993", 9_007_199_254_740_993n],
    ["-1234567890123456789", -1_234_567_890_123_456_789n],
    ["12345678901234567.5", Number("12345678901234567.5")],
    ["1e400", "1e400"],
    ["-1E+0400", "-1E+0400"],
    ["1e-400", 0],
    [
      `[{"id":1234567890123456789,"text":"1234567890123456789"}]`,
      [{ id: 1_234_567_890_123_456_789n, text: "1234567890123456789" }],
    ],
    ["9".repeat(1000), BigInt("9".repeat(1000))],
    ["9".repeat(1001), "9".repeat(1001)],
    ["9".repeat(400), BigInt("9".repeat(400))],
  ])("reads %s as a number, a bigint or its text, whichever holds it", (text, value) => {
    expect(parseJson(text)).toStrictEqual(value);
  });

  it("keeps numbers as they were written where asked to", () => {
    const value = parseJson('{"a":1.10,"b":[1,1e5,12345678901234567890],"c":"1.10"}', { numbers: "written" });
    expect(stringifyJson(value)).toBe('{"a":1.10,"b":[1,1e5,12345678901234567890],"c":"1.10"}');
    const { a, c } = value as { a: unknown; c: unknown };
    expect(isWrittenNumber(a)).toBe(true);
    expect(isWrittenNumber(c)).toBe(false);
  });

  it("makes an own key of __proto__", () => {
    const value = parseJson('{"__proto__":{"polluted":1e400}}') as object;
    expect(Object.hasOwn(value, "__proto__")).toBe(true);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});

describe("stringifyJson", () => {
  it("gives back every integer that parseJson has read, as a number", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n })), (integers) => {
        const text = `{"nested":[${integers.join(",")}]}`;
        expect(stringifyJson(parseJson(text))).toBe(text);
      }),
    );
  });

  it("gives undefined for what JSON has no form for, and throws for a circle", () => {
    expect(stringifyJson(undefined)).toBeUndefined();
    const circle: unknown[] = [1n];
    circle.push(circle);
    expect(() => stringifyJson(circle)).toThrow(TypeError);
  });

  it("throws what a toJSON throws", () => {
    const error = new TypeError("not now");
    const value = {
      toJSON() {
        throw error;
      },
    };
    expect(() => stringifyJson(value)).toThrow(error);
  });
});
