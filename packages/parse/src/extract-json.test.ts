import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extractJson } from "./index.ts";

const complete = (value: unknown, more: object = {}): object => ({
  status: "complete",
  value,
  isSequence: false,
  others: 0,
  ...more,
});

describe("extractJson", () => {
  it.each([
    ["plain JSON", ' {"a": [1, "x"]}\n', complete({ a: [1, "x"] })],
    ["a byte order mark", '\uFEFF{"a":1}', complete({ a: 1 })],
    ["a value that is no object", "42", complete(42)],
    ["a code fence", '```json\n{"a":1}\n```', complete({ a: 1 })],
    ["a code fence without an end", 'Here:\n```\n{"a":1}\n', complete({ a: 1 })],
    ["a code fence on one line", '```json {"a":1} ```', complete({ a: 1 })],
    ["a fence of tildes, indented", ' ~~~json\n {"a":1}\n ~~~', complete({ a: 1 })],
    [
      "a fence behind prose with an open bracket",
      'An array [ of:\n```json\n{"a":1}\n```',
      complete({ a: 1 }),
    ],
    [
      "a fence inside a string",
      'It is {"a":"\\n```json\\n{}\\n```"}.',
      complete({ a: "\n```json\n{}\n```" }),
    ],
    ["code in another language before it", '```js\nf({})\n```\n```json\n{"a":1}\n```', complete({ a: 1 })],
    ["prose on both sides", 'Sure! {"a":1} Anything else?', complete({ a: 1 })],
    ["quoted JSON", 'The answer is "{"a":1}".', complete({ a: 1 })],
    ["brackets in prose", 'By [1] and {x}: [{"a":1}] (see [2])', complete([{ a: 1 }])],
    ["an open quote in brackets", 'Use ["a, b] here. {"a":1}', complete({ a: 1 })],
    ["a template in prose", 'As {"a": ..., "b": ...}: {"a":"x","b":"y"}', complete({ a: "x", b: "y" })],
    ["the larger of two", '{"a":1} or {"a":1,"b":2}', complete({ a: 1, b: 2 }, { others: 1 })],
    ["the first of two alike", '{"a":1} or {"a":2}', complete({ a: 1 }, { others: 1 })],
    ["JSON Lines", '{"a":1}\n{"a":2}\n', complete([{ a: 1 }, { a: 2 }], { isSequence: true })],
    ["objects with commas", '{"a":1},\n{"a":2},', complete([{ a: 1 }, { a: 2 }], { isSequence: true })],
    ["brackets and quotes in strings", 'x {"a":"]}[{\\"\\\\"} y', complete({ a: ']}[{"\\' })],
    [
      "all kinds of values",
      'x {"a":[-1.5e+3,0,true,false,null,{},[]]} y',
      complete({ a: [-1500, 0, true, false, null, {}, []] }),
    ],
    [
      "a __proto__ key",
      'x {"__proto__":{"polluted":1}} y',
      complete(JSON.parse('{"__proto__":{"polluted":1}}')),
    ],
  ])("reads %s", (_, text, expected) => {
    expect(extractJson(text)).toEqual(expected);
  });

  it.each([
    ["a comma too many", '[{"a":1},]', [{ a: 1 }]],
    ["a missing comma", '{"a":1 "b":2}', { a: 1, b: 2 }],
    ["single quotes", "{'a':'x'}", { a: "x" }],
    ["keys without quotes", "{a: 1}", { a: 1 }],
    ["Python's constants", '{"a":True,"b":None}', { a: true, b: null }],
    ["a comment", '{"a":1 /* one */}', { a: 1 }],
    ["a line break in a string", '{"a":"x\ny"}', { a: "x\ny" }],
    ["an escape that JSON lacks", String.raw`{"a":"it\'s"}`, { a: "it's" }],
    [
      "quotes inside a string",
      '[{"a":"he said "hi" to"},{"a":"a longer one than that"}]',
      [{ a: 'he said "hi" to' }, { a: "a longer one than that" }],
    ],
    ["a closing bracket in a broken string", '{"a":"x)] and "b" y"}', { a: 'x)] and "b" y' }],
    ["one broken line of three", '{"a":1}\n{a:2}\n{"a":3}', [{ a: 1 }, { a: 2 }, { a: 3 }]],
    ["prose around it", "Here: {'a':'x'}. Done", { a: "x" }],
    ["a citation before it", "By [1]: {'a':'a text'}", { a: "a text" }],
  ])("repairs %s", (_, text, value) => {
    expect(extractJson(text)).toMatchObject({ status: "repaired", value });
  });

  it.each([
    ["in a bare list", '[{"a":1},{"a":2},{"a"', [{ a: 1 }, { a: 2 }]],
    ["in a wrapped list", '{"items":[{"a":1},{"a":2', [{ a: 1 }]],
    ["in a list inside an element", '{"items":[{"a":[{"b":1}]},{"a":[{"b":2},{"b"', [{ a: [{ b: 1 }] }]],
    ["in JSON Lines", '{"a":[1]}\n{"a":[2]}\n{"a":[3,', [{ a: [1] }, { a: [2] }]],
    ["in a fence, behind an example", 'As {"a":0}:\n```json\n[{"a":1},{"a":2},', [{ a: 1 }, { a: 2 }]],
    ["in an escape", String.raw`[{"a":1},{"a":"\\`.slice(0, -1), [{ a: 1 }]],
    ["in a literal", '[{"a":1},{"a":fal', [{ a: 1 }]],
    ["in a number", '[{"a":1},{"a":-1.5e', [{ a: 1 }]],
    ["in one object", '{"a":"x","b":"y', []],
    ["at once", "[", []],
  ])("gives the complete elements of JSON that ends %s", (_, text, elements) => {
    expect(extractJson(text)).toEqual({ status: "cut", elements });
  });

  it.each([
    ["prose", "I cannot do that", "it contains no JSON object or list"],
    ["nothing", "", "it contains no JSON object or list"],
    ["broken JSON that ends early", "{'a': {'b': 1}, 'c': 'long te", "its JSON is broken and has no end"],
    ["a cut list with a broken element", "[{'a':1},{\"a\":2},{", "its JSON is broken and has no end"],
    ["a broken string with brackets", '{"a":"} is "b" and {"}', "its JSON is broken and has no end"],
    ["two parts of something broken", '{"a":"he said "x}" and then {"y" z"}', "its JSON is broken"],
    ["an abyss", `{"a":${"[".repeat(200)}${"]".repeat(200)}}`, "its JSON is nested deeper than 200 levels"],
    ["an abyss in prose", `see {"a":${"[".repeat(200)}${"]".repeat(200)}}`, "its JSON is nested deeper"],
  ])("finds none in %s", (_, text, reason) => {
    const found = extractJson(text);
    expect(found).toEqual({ status: "none", reason: expect.stringContaining(reason) as string });
  });

  it("reads 200 levels", () => {
    const deep = `${"[".repeat(200)}${"]".repeat(200)}`;
    expect(extractJson(deep).status).toBe("complete");
    expect(extractJson(`see ${deep}`).status).toBe("complete");
  });

  it("does not pollute prototypes", () => {
    extractJson('x {"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}} y');
    extractJson("{__proto__:{'polluted':1}}");
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  // A reader that goes back for each bracket or quote would need hours for these.
  const size = 1_000_000;
  it.each([
    "[",
    "{",
    "}",
    '"',
    "\\",
    "`",
    "~",
    "```\n",
    "{}",
    "[]",
    "{},",
    '["',
    '{"a":',
    '["a" ',
    '["a{"',
    '["\\"',
    "[}",
    "[1,",
    "[a",
    "{'a':1},",
    '"a "',
    "'a' b' ",
    '{"a":"b" "c',
    "/*",
    "// ",
    "a\n",
    "—",
    "[[]",
  ])("takes linear time for a million characters of %j", (unit) => {
    const long = unit.repeat(Math.ceil(size / unit.length));
    for (const text of [long, `[{"a":"${long}`, `x\n\`\`\`\n[${long}`, `{${long}}`])
      expect(extractJson(text)).toHaveProperty("status");
  });
  it.each(['"a "', "' x ", '"a\n', "“-", '" x ', "'a\" "])(
    "repairs nothing that takes the library long: %j",
    (unit) => {
      const text = `[${unit.repeat(20_000 / unit.length)}]`;
      expect(extractJson(text)).toEqual({ status: "none", reason: "its JSON is broken" });
    },
  );

  const texts = fc.string({ unit: "binary", maxLength: 20 });
  const listOfObjects = fc.array(fc.dictionary(texts, texts), { maxLength: 6 });
  const prose = fc.string({ unit: fc.constantFrom(...Array.from("ab \n\"'`~,:\\.1-é")), maxLength: 30 });

  it("reads any list of objects in any prose without brackets", () => {
    fc.assert(
      fc.property(listOfObjects, prose, prose, fc.nat(2), (list, before, behind, indent) => {
        const text = `${before}\n${JSON.stringify(list, null, indent)}\n${behind}`;
        expect(extractJson(text)).toEqual(complete(list));
      }),
      { numRuns: 1000 },
    );
  });

  it("reads any list of objects in a fence, whatever the prose", () => {
    const lines = fc
      .string({ unit: "grapheme", maxLength: 30 })
      .filter((text) => !/```|~~~/.test(text) && !/^\s*[{[]/.test(text));
    fc.assert(
      fc.property(listOfObjects, lines, lines, (list, before, behind) => {
        const text = `${before}\n\`\`\`json\n${JSON.stringify(list)}\n\`\`\`\n${behind}`;
        expect(extractJson(text)).toEqual(complete(list));
      }),
      { numRuns: 1000 },
    );
  });

  it("gives of any JSON cut anywhere the elements complete by then", () => {
    fc.assert(
      fc.property(listOfObjects, fc.constantFrom("[", '{"items":['), fc.nat(), (list, opening, n) => {
        const parts = list.map((object) => JSON.stringify(object));
        const text = `${opening}${parts.join(",")}]`;
        const cut = text.slice(0, 1 + (n % (text.length - 1)));
        const found = extractJson(cut);
        const isComplete = (i: number): boolean =>
          cut.length >= opening.length + parts.slice(0, i + 1).join(",").length;
        expect(found).toEqual({ status: "cut", elements: list.filter((_, i) => isComplete(i)) });
      }),
      { numRuns: 1000 },
    );
  });

  it("never throws, whatever the text", () => {
    const tokens = fc.constantFrom(
      ...Array.from("{}[]:,\"'\\ \n-1etfn/*`“"),
      "true",
      "null",
      '"a"',
      '{"a":1}',
      "```json\n",
      "\0",
      "\uD800",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          texts,
          fc.array(tokens, { maxLength: 60 }).map((all) => all.join("")),
        ),
        (text) => {
          expect(extractJson(text)).toHaveProperty("status");
        },
      ),
      { numRuns: 5000 },
    );
  });
});
