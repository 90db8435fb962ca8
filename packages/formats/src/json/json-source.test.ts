import { setImmediate as turn } from "node:timers/promises";
import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import { describe, expect, it } from "vitest";
import { jsonlSource, jsonSource } from "../index.ts";

const json = (text: string) => readAll(jsonSource(sourceOf([text])));
const jsonl = (text: string) => readAll(jsonlSource(sourceOf([text])));

describe("jsonSource", () => {
  it.each([
    ["[]", []],
    ["\uFEFF [ ] \n", []],
    ['[{"a":1}]', [{ a: 1 }]],
    ['[{"a":1},{},{"b":[{"c":"]}"}]}]', [{ a: 1 }, {}, { b: [{ c: "]}" }] }]],
    ['\n[\n  {\n    "a": "x\\"}\\\\"\n  } ,\r\n\t{"b": null}\n]\n', [{ a: 'x"}\\' }, { b: null }]],
  ])("jsonSource reads %j", async (text, rows) => {
    expect(await json(text)).toEqual(rows);
  });

  it("jsonSource keeps keys called __proto__ and constructor, in depth too", async () => {
    const [row = {}] = await json('[{"__proto__":{"__proto__":1},"constructor":{"prototype":2}}]');
    expect(JSON.stringify(row)).toBe('{"__proto__":{"__proto__":1},"constructor":{"prototype":2}}');
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
  });

  it.each([
    ["an unclosed array", '[{"a":1},\n{"a":2}', 2, /the array is never closed, after 2 elements/],
    ["an array cut off behind a comma", '[{"a":1},\n', 2, /never closed, after 1 element;/],
    ["an unclosed element", '[{"a":1},\n\n{"a":"2}]', 3, /element 2 is never closed/],
    ["text behind the array", '[{"a":1}]\n\nx', 3, /expected nothing after the array, got "x"/],
    ["a second array", "[]\n[]", 2, /expected nothing after the array, got an array/],
    ["an element that is a number", '[{"a":1},\n7]', 2, /expected element 2 to be an object, got a number/],
    ["an element that is a string", '["x"]', 1, /expected element 1 to be an object, got a string/],
    ["an element that is null", "[null]", 1, /expected element 1 to be an object, got "n"/],
    ["an element that is an array", "[[1]]", 1, /expected element 1 to be an object, got an array/],
    ["text at the top", "hello", 1, /expected a JSON array of objects, or objects .*, got "h"/],
    ["an object that is cut off", '\n{"a":1', 2, /the object is never closed; is the file cut off/],
    ["a comma between objects", '{"a":1},\n{"a":2}', 1, /expected another object, or nothing, .* got ","/],
    ["bad JSON in an object", '{"a":1}\n{"a":}', 2, /object 2: invalid JSON/],
    ["bad JSON in an only object", '\n{"a" 1}', 2, /object 1: invalid JSON/],
    ["a comma too many", '[{"a":1},]', 1, /expected element 2 to be an object, got "\]"/],
    ["a leading comma", "[,]", 1, /expected element 1 to be an object, got ","/],
    ["a missing comma", '[{"a":1}{"a":2}]', 1, /expected "," or "\]" after element 1, got an object/],
    ["brackets that do not match", '[{"a":[1}]', 1, /element 1: invalid JSON/],
    ["bad JSON in an element", '[{},\n{},\n{"a":\ntru}]', 3, /element 3: invalid JSON/],
  ])("jsonSource refuses %s", async (_, text, line, message) => {
    await expect(json(text)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      line,
      message: expect.stringMatching(message),
    });
  });

  it("jsonSource gives rows out while the array goes on, and reads no further than its reader", async () => {
    let pulled = 0;
    async function* endless() {
      yield "[";
      for (;;) {
        pulled += 1;
        await turn();
        yield `{"a":${pulled}},`;
      }
    }
    const reader = jsonSource(endless()).getReader();
    expect((await reader.read()).value).toEqual({ a: 1 });
    const before = pulled;
    for (let i = 0; i < 50; i++) await turn();
    expect(pulled - before).toBeLessThanOrEqual(1);
    expect((await reader.read()).value).toEqual({ a: 2 });
    await reader.cancel();
  });
});

describe("jsonlSource", () => {
  it.each([
    ['{"a":1}', [{ a: 1 }]],
    ['{"a":1}\n{"b":"x"}\n', [{ a: 1 }, { b: "x" }]],
    ['\uFEFF\n{"a":1}\r\n \t\r\n\r\n {"b":2} \r\n\n', [{ a: 1 }, { b: 2 }]],
    ['{"a":"\u2028\u2029"}\n', [{ a: "\u2028\u2029" }]],
  ])("jsonlSource reads %j", async (text, rows) => {
    expect(await jsonl(text)).toEqual(rows);
  });

  it("jsonlSource keeps keys called __proto__ and constructor", async () => {
    const [row = {}] = await jsonl('{"__proto__":1,"constructor":2}');
    expect(Object.entries(row)).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
    ]);
  });

  it.each([
    ["bad JSON", '{"a":1}\n\n{"a":\n', 3, /invalid JSON: Unexpected end of JSON input$/],
    ["bad JSON, with its place in the line", '{"a" 1}', 1, /invalid JSON: .* at position 5$/],
    ["an array", '{"a":1}\n[1]\n', 2, /expected an object, got an array/],
    ["an array over many lines", '[\n{"a":1}\n]', 1, /if the input is one JSON array, its format is json/],
    ["null", "null", 1, /expected an object, got null/],
    ["a number", "1", 1, /expected an object, got a number/],
  ])("jsonlSource refuses %s", async (_, text, line, message) => {
    await expect(jsonl(text)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      line,
      message: expect.stringMatching(message),
    });
  });

  it("jsonlSource gives integers that a number cannot hold as bigints", async () => {
    const line =
      '{"id":1790123456789012345,"list":[-99999999999999999999,9007199254740991],"x":1e300,"__proto__":12345678901234567890}';
    const [row] = await readAll(jsonlSource(sourceOf([`${line}\n`])));
    expect(Object.entries(row ?? {})).toEqual([
      ["id", 1_790_123_456_789_012_345n],
      ["list", [-99_999_999_999_999_999_999n, 9_007_199_254_740_991]],
      ["x", 1e300],
      ["__proto__", 12_345_678_901_234_567_890n],
    ]);
  });
});
