import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringifyDeep } from "./stringify-deep.ts";
import { parseJson } from "./parse-json.ts";
import { stringifyJson } from "./stringify-json.ts";
import { isWrittenNumber } from "./written-number.ts";

/** The same text for all ways to write a decimal: sign, digits, and the power of ten of the last one. */
function plain(decimal: string): string {
  const [, sign = "", whole = "", part = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([-+]\d+))?$/.exec(decimal) ?? [];
  const digits = (whole + part).replace(/^0+/, "");
  const shorter = digits.replace(/0+$/, "");
  return `${sign}${shorter}e${Number(exponent) - part.length + digits.length - shorter.length}`;
}

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
  ])("parseJson reads %s as a number, a bigint or its text, whichever holds it", (text, value) => {
    expect(parseJson(text)).toStrictEqual(value);
  });

  it.each<[text: string, value: number]>([
    ["0.1234567890123456789", 0.12345678901234568],
    ["-1234567890.123456789", -1234567890.1234567],
    ["1.00000000000000000001", 1],
    ["1234567890123456789.0", 1234567890123456800],
    ["1.234567890123456789e-5", 1.2345678901234568e-5],
    ["-66.845299286632399", -66.8452992866324],
    ["9007199254740993.0", 9_007_199_254_740_992],
    ["9578090058111167.8", 9_578_090_058_111_168],
    ["1e-400", 0],
    ["-0.1e-999", -0],
    ["4.9e-324", 5e-324],
  ])("parseJson rounds %s and tells of it", (text, value) => {
    const rounded: string[] = [];
    expect(parseJson(text, { onRounded: (number) => rounded.push(number) })).toBe(value);
    expect(rounded).toEqual([text]);
    expect(parseJson(`{"a":[${text}]}`, { numbers: "text" })).toEqual({ a: [text] });
  });

  it.each([
    "0.30000000000000004",
    "0.10000000000000001",
    "0.1234567890123456",
    "2251799813685249.5",
    "1.0000000000000000000000",
    "00.5".slice(1),
    "0.000000000000000000000",
    "0e-400",
    "-0",
    "1e300",
    "2.2250738585072014e-308",
    "123456789012345",
    "9007199254740993",
    "1e400",
  ])("parseJson does not tell of %s as rounded", (text) => {
    const rounded: string[] = [];
    parseJson(text, { onRounded: (number) => rounded.push(number) });
    expect(rounded).toEqual([]);
  });

  it.each<[text: string, value: unknown]>([
    ["9007199254740993", "9007199254740993"],
    ["-1234567890123456789", "-1234567890123456789"],
    ["1e400", "1e400"],
    ["9007199254740991", 9_007_199_254_740_991],
    ["1.10", 1.1],
    ["1e100", 1e100],
    ["1e-999", "1e-999"],
    ['"1e400"', "1e400"],
  ])('parseJson with numbers "text" reads %s as text where a number would change it', (text, value) => {
    expect(parseJson(`[${text}]`, { numbers: "text" })).toStrictEqual([value]);
  });

  it("parseJson tells of a rounded decimal where another comes out, unless a double was written so", () => {
    const decimal = fc.stringMatching(/^-?[1-9]\d{0,16}\.\d{0,20}[1-9]$/);
    fc.assert(
      fc.property(decimal, (text) => {
        const rounded: string[] = [];
        const parsed = parseJson(text, { onRounded: (number) => rounded.push(number) });
        const ofDouble = [String(parsed), ...[16, 17].map((digits) => Number(text).toPrecision(digits))];
        const isHeld = ofDouble.some((written) => plain(written) === plain(text));
        expect(rounded).toEqual(isHeld ? [] : [text]);
      }),
    );
  });

  it("parseJson never tells of a double as rounded, however many digits it is written with", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (number) => {
        const rounded: string[] = [];
        const written = number.toPrecision(17);
        parseJson(written, { onRounded: (text) => rounded.push(text) });
        expect(rounded).toEqual([]);
      }),
    );
  });

  it("parseJson tells of every subnormal double as rounded, and of no other that JSON.stringify has written", () => {
    fc.assert(
      fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (number) => {
        const rounded: string[] = [];
        const parsed = parseJson(`[${JSON.stringify(number)}]`, { onRounded: (text) => rounded.push(text) });
        const isIntegral = Number.isInteger(number) && !Number.isSafeInteger(number);
        expect(parsed).toEqual(isIntegral ? parsed : [number + 0]);
        expect(rounded).toHaveLength(number !== 0 && Math.abs(number) < 2 ** -1022 ? 1 : 0);
      }),
    );
  });

  it("parseJson reads a number of millions of digits in a moment", () => {
    const zeros = "0".repeat(1e6);
    expect(parseJson(`[1${zeros}.${zeros}1${zeros}]`)).toEqual([`1${zeros}.${zeros}1${zeros}`]);
    expect(parseJson(`[0.${zeros}1${zeros}]`)).toEqual([0]);
  });

  it('any JSON comes back byte for byte from parseJson with numbers "written"', () => {
    const number = fc.stringMatching(/^-?(?:0|[1-9]\d{0,25})(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?$/);
    const plain = fc.double({ noNaN: true, noDefaultInfinity: true }).map(String);
    fc.assert(
      fc.property(fc.array(fc.oneof(number, plain)), (numbers) => {
        for (const text of [
          ...numbers,
          `[${numbers.join(",")}]`,
          `{"a":[${numbers.join(",")}],"b":"-0 1.10"}`,
        ])
          expect(stringifyJson(parseJson(text, { numbers: "written" }))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it('parseJson with numbers "written" keeps numbers as they were written, and tells them from texts', () => {
    const value = parseJson('{"a":1.10,"b":[1,1e5,12345678901234567890],"c":"1.10"}', { numbers: "written" });
    expect(stringifyJson(value)).toBe('{"a":1.10,"b":[1,1e5,12345678901234567890],"c":"1.10"}');
    const { a, c } = value as { a: unknown; c: unknown };
    expect(isWrittenNumber(a)).toBe(true);
    expect(isWrittenNumber(c)).toBe(false);
  });

  it("parseJson makes an own key of __proto__", () => {
    const value = parseJson('{"__proto__":{"polluted":1e400}}') as object;
    expect(Object.hasOwn(value, "__proto__")).toBe(true);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});

describe("stringifyJson", () => {
  it("stringifyJson gives back every integer that parseJson has read, as a number", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n })), (integers) => {
        const text = `{"nested":[${integers.join(",")}]}`;
        expect(stringifyJson(parseJson(text))).toBe(text);
      }),
    );
  });

  it.each<[value: unknown, json: string]>([
    [new Map([["a", 1n]]), '{"a":1}'],
    [
      new Map<unknown, unknown>([
        [1, "a"],
        ["b", new Map()],
      ]),
      '[[1,"a"],["b",{}]]',
    ],
    [[new Set([1, "a", new Set()])], '[[1,"a",[]]]'],
    [{ embedding: new Float32Array([0.5, -1]) }, '{"embedding":[0.5,-1]}'],
    [new Uint8Array(), "[]"],
    [{ ids: new BigInt64Array([-1n]) }, '{"ids":[-1]}'],
    [{ a: {}, b: "{}", c: { "0": 1 } }, '{"a":{},"b":"{}","c":{"0":1}}'],
    [new Map([["__proto__", 1]]), '{"__proto__":1}'],
    [
      { big: -(10n ** 30n), at: new Date(0), url: new URL("https://a.b/") },
      '{"big":-1000000000000000000000000000000,"at":"1970-01-01T00:00:00.000Z","url":"https://a.b/"}',
    ],
    [[NaN, Infinity, new Date(NaN), undefined, () => 1], "[null,null,null,null,null]"],
    [{ none: undefined, run: () => 1, mark: Symbol("x") }, "{}"],
  ])("stringifyJson writes %o as %s", (value, json) => {
    expect(stringifyJson(value)).toBe(json);
  });

  it("stringifyJson gives undefined for what JSON has no form for, and throws for a circle", () => {
    expect(stringifyJson(undefined)).toBeUndefined();
    const circle: unknown[] = [1n];
    circle.push(circle);
    expect(() => stringifyJson(circle)).toThrow(TypeError);
    const loop = new Map<string, unknown>();
    loop.set("self", loop);
    expect(() => stringifyJson(loop)).toThrow(TypeError);
  });

  it("stringifyJson throws what a toJSON throws", () => {
    const error = new TypeError("not now");
    const value = {
      toJSON() {
        throw error;
      },
    };
    expect(() => stringifyJson(value)).toThrow(error);
  });
});

describe("JSON of any depth", () => {
  const DEPTH = 100_000;
  const nested = (inner: string): string => `${`{"a":[`.repeat(DEPTH / 2)}${inner}${"]}".repeat(DEPTH / 2)}`;

  it.each<[string, string]>([
    ["a number", "1"],
    ["a bigint", "1234567890123456789"],
    ["nothing in it", "[]"],
    ["texts that look like JSON", String.raw`"\"12345678901234567890\" {\\","{1e400"`],
  ])("JSON of any depth is read and written with %s inside", (_, inner) => {
    const text = nested(`[${inner}]`);
    expect(stringifyJson(parseJson(text)) === text).toBe(true);
  });

  it("numbers in very deep JSON are read as those of flat JSON", () => {
    const long = "0.1234567890123456789";
    const rounded: string[] = [];
    const value = parseJson(nested(`1234567890123456789,${long},1e400,"1e400",1.10`), {
      onRounded: (number) => rounded.push(number),
    });
    expect(rounded).toEqual([long]);
    expect(
      stringifyJson(value)?.includes(`[1234567890123456789,0.12345678901234568,"1e400","1e400",1.1]`),
    ).toBe(true);
    const written = nested("1234567890123456789,1.10,-0,1e5");
    expect(stringifyJson(parseJson(written, { numbers: "written" })) === written).toBe(true);
    const texts = parseJson(written, { numbers: "text" });
    expect(stringifyJson(texts)?.includes(`["1234567890123456789",1.1,0,100000]`)).toBe(true);
  });

  it("parseJson refuses very deep text that is no JSON, and stringifyJson a circle", () => {
    expect(() => parseJson(nested("1.2.3"))).toThrow(SyntaxError);
    expect(() => parseJson(nested("1234567890123456789,"))).toThrow(SyntaxError);
    const circle: unknown[] = [1n];
    circle.push([circle]);
    expect(() => stringifyJson(circle)).toThrow(TypeError);
    const list: unknown[] = [];
    let inner = list;
    for (let level = 0; level < DEPTH; level++) {
      const next: unknown[] = [];
      inner.push(next);
      inner = next;
    }
    inner.push(list);
    expect(() => stringifyJson(list)).toThrow(TypeError);
  });
});

describe("stringifyDeep", () => {
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.anything({ withBigInt: false, withDate: true, withSparseArray: true, maxDepth: 0 }),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie("value"), { maxKeys: 4 }),
      fc.record({ toJSON: fc.constant(() => 7) }),
    ),
  })).value;

  it("stringifyDeep writes what JSON.stringify does, indented or not", () => {
    fc.assert(
      fc.property(value, fc.constantFrom(0, 2), (any, indent) => {
        expect(stringifyDeep(any, (_, cell) => cell, indent)).toBe(JSON.stringify(any, undefined, indent));
      }),
    );
  });
});
