import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extractJson } from "../index.ts";

const complete = (value: unknown, more: object = {}): object => ({
  status: "complete",
  value,
  isSequence: false,
  others: 0,
  isInProse: expect.any(Boolean) as boolean,
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
    ["a fence with a class", '```{.json}\n{"a":1}\n```', complete({ a: 1 })],
    ["a fence with a title", '```json title="a.json" {1,3}\n{"a":1}\n```', complete({ a: 1 })],
    ["a fence of four", '````json\n{"a":1}\n````', complete({ a: 1 })],
    ["a footnote", '{"a":1}\n\n[1] By the book.', complete({ a: 1 })],
    ["a list and footnotes", "[]\n\n[1] By the book.\n[2, 3] By others.", complete([])],
    ["a note", '{"a":1}\n\nNote: "a" is {one}.', complete({ a: 1 })],
    ["a bracket too many", '{"a":1}}', complete({ a: 1 })],
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
  ])("extractJson reads JSON with or within %s", (_, text, expected) => {
    expect(extractJson(text)).toEqual(expected);
  });

  it.each([
    ["a comma too many", '[{"a":1},]', [{ a: 1 }]],
    ["a comma too many in an object, and another", '{"a":1,,"b":2,}', { a: 1, b: 2 }],
    ["a missing comma", '{"a":1 "b":2}', { a: 1, b: 2 }],
    ["a missing comma at the end of a line", '{"a":"x"\n"b":"y"\nc:1}', { a: "x", b: "y", c: 1 }],
    ["a missing comma between objects", '[{"a":1} {"a":2}]', [{ a: 1 }, { a: 2 }]],
    ["a missing brace at the start", '"a":"x [1]","b":2}', { a: "x [1]", b: 2 }],
    ["a missing bracket inside", '[{"a":1},{"a":2]', [{ a: 1 }, { a: 2 }]],
    ["single quotes", "{'a':'x'}", { a: "x" }],
    ["an apostrophe in single quotes", "{'q':'don't'}", { q: "don't" }],
    [
      "apostrophes",
      "{'q':'the dogs' bone','r':'rock 'n' roll'}",
      { q: "the dogs' bone", r: "rock 'n' roll" },
    ],
    ["curly quotes", "{“a”: “x”, ‘b’: ‘y’}", { a: "x", b: "y" }],
    ["curly quotes in curly quotes", "{“a”: “he said “yes” to me”}", { a: "he said “yes” to me" }],
    ["curly quotes at one end", '{"q": "1”, "a": "x”}', { q: "1", a: "x" }],
    ["a curly quote in the text", '{"a": "“x”", "b": “y”}', { a: "“x”", b: "y" }],
    ["backticks", "{`a`: `it's`}", { a: "it's" }],
    [
      "three quotes",
      '{"a": """one "two"\nthree""", "b": \'\'\'it\'s\'\'\'}',
      { a: 'one "two"\nthree', b: "it's" },
    ],
    ["keys without quotes", "{a: 1, $b_2: 2, 3: 4}", { a: 1, $b_2: 2, 3: 4 }],
    [
      "texts without quotes",
      "{mood: happy and glad, of: [Ann, Bo], share: 45%}",
      { mood: "happy and glad", of: ["Ann", "Bo"], share: "45%" },
    ],
    [
      "Python",
      "{'a': True, 'b': None, 'c': ('x', 1.5), 'd': (2,), \"e\": \"it's\"}",
      { a: true, b: null, c: ["x", 1.5], d: [2], e: "it's" },
    ],
    ["JavaScript", "{a: undefined, b: +5, c: .5, d: 5.}", { a: null, b: 5, c: 0.5, d: 5 }],
    ["a number that is none", '{"a":007}', { a: "007" }],
    ["comments", '{ # one\n"a":1, // two "three"\n/* four */ "b":2 /* } */}', { a: 1, b: 2 }],
    ["double braces", '{{"a":1,"b":{"c":2}}}', { a: 1, b: { c: 2 } }],
    ["double braces all over", '{{"a":[{{"b":1}},{{"b":2}}]}}', { a: [{ b: 1 }, { b: 2 }] }],
    ["full-width punctuation", "｛“a”：“x，y：z”，“b”：［1，2］｝", { a: "x，y：z", b: [1, 2] }],
    ["spaces that JSON lacks", '{\u00A0"a":\u20031}', { a: 1 }],
    ["a line break in a string", '{"a":"x\ny\tz\u0007"}', { a: "x\ny\tz\u0007" }],
    ["an escape that JSON lacks", String.raw`{"a":"it\'s"}`, { a: "it's" }],
    ["backslashes", String.raw`{"a":"\d+\w"}`, { a: String.raw`\d+\w` }],
    ["backslashes in almost JSON", String.raw`{'a':'\d+',}`, { a: String.raw`\d+` }],
    ["inner quotes with a comma", '{"a":"the "best", one"}', { a: 'the "best", one' }],
    ["inner quotes with a comma in a list", '["the "best", one", "x"]', ['the "best", one', "x"]],
    ["inner quotes before a comment sign", '{"a":"see "docs" // and more"}', { a: 'see "docs" // and more' }],
    [
      "inner quotes, then another word",
      '{"a":"press "Ctrl", then "C" to stop"}',
      { a: 'press "Ctrl", then "C" to stop' },
    ],
    ["inner quotes at the start", '{"a":""best" is it","b":1}', { a: '"best" is it', b: 1 }],
    ["inner quotes at the end", '{"a":"it is the "best"","b":1}', { a: 'it is the "best"', b: 1 }],
    ["a quoted word of German", '{"a":"„Hallo" und Tschüß"}', { a: '„Hallo" und Tschüß' }],
    ["inches", '{"a":"a 5" pipe"}', { a: 'a 5" pipe' }],
    ["HTML", '{"a":"<a href="/x">l</a>"}', { a: '<a href="/x">l</a>' }],
    [
      "quotes inside a string",
      '[{"a":"he said "hi" to"},{"a":"a longer one than that"}]',
      [{ a: 'he said "hi" to' }, { a: "a longer one than that" }],
    ],
    ["a closing bracket in a broken string", '{"a":"x)] and "b" y"}', { a: 'x)] and "b" y' }],
    ["brackets in a broken string", '{"a":"} is "b" and {"}', { a: '} is "b" and {' }],
    [
      "brackets of all kinds in a broken string",
      '{"a":"he said "x}" and then {"y" z"}',
      { a: 'he said "x}" and then {"y" z' },
    ],
    ["one broken line of three", '{"a":1}\n{a:2}\n{"a":3}', [{ a: 1 }, { a: 2 }, { a: 3 }]],
    ["full-width commas between objects", "{“a”：“x”}，{“a”：“y”}", [{ a: "x" }, { a: "y" }]],
    ["prose around it", "Here: {'a':'x'}. Done", { a: "x" }],
    ["a citation before it", "By [1]: {'a':'a text'}", { a: "a text" }],
  ])("extractJson repairs %s", (_, text, value) => {
    expect(extractJson(text)).toMatchObject({ status: "repaired", value });
  });

  it.each([
    ["in a bare list", '[{"a":1},{"a":2},{"a"', [{ a: 1 }, { a: 2 }]],
    ["in a wrapped list", '{"items":[{"a":1},{"a":2', [{ a: 1 }]],
    ["in a list inside an element", '{"items":[{"a":[{"b":1}]},{"a":[{"b":2},{"b"', [{ a: [{ b: 1 }] }]],
    ["in JSON Lines", '{"a":[1]}\n{"a":[2]}\n{"a":[3,', [{ a: [1] }, { a: [2] }]],
    ["in a fence, behind an example", 'As {"a":0}:\n```json\n[{"a":1},{"a":2},', [{ a: 1 }, { a: 2 }]],
    ["in an escape", String.raw`[{"a":1},{"a":"\\`.slice(0, -1), [{ a: 1 }]],
    ["in an escape of four digits", String.raw`[{"a":1},{"a":"\u00e`, [{ a: 1 }]],
    ["in a literal", '[{"a":1},{"a":fal', [{ a: 1 }]],
    ["in a number", '[{"a":1},{"a":-1.5e', [{ a: 1 }]],
    ["in one object", '{"a":"x","b":"y', []],
    ["at once", "[", []],
  ])("extractJson gives the complete elements of JSON that ends %s", (_, text, elements) => {
    expect(extractJson(text)).toEqual({ status: "cut", elements, isRepaired: false, isListClosed: false });
  });

  it("extractJson tells of a list that is whole but for the brackets around it, backslashes restored", () => {
    const elements = [{ q: String.raw`\d+`, a: "x" }];
    expect(extractJson(String.raw`{"items":[{"q":"\d+","a":"x"}]`)).toEqual({
      status: "cut",
      elements,
      isRepaired: true,
      isListClosed: true,
    });
    expect(extractJson('{"items":[{"a":1}],')).toMatchObject({ status: "cut", isListClosed: false });
  });

  it.each([
    ["prose", "I cannot do that"],
    ["nothing", ""],
    ["a word of JSON in prose", "It is true."],
  ])("extractJson finds no JSON in %s", (_, text) => {
    expect(extractJson(text)).toEqual({ status: "none", reason: "it contains no JSON object or list" });
  });

  it.each([
    ["broken JSON that ends early", "{'a': {'b': 1}, 'c': 'long te", []],
    ["a cut list with a broken element", "[{'a':1},{\"a\":2},{", []],
    ["two ends of a string", '{"a":"say "x", "y": z"}', []],
    ["quotes that do not come in pairs", '{"a":"one "two three"}', []],
    ["pairs that may be two strings", '["a "b", "c" d", "e"]', []],
    ["strings side by side", '["a" "b"]', []],
    ["strings side by side as a value", '{"a": "b" "c"}', []],
    ["doubled quotes", '{"a":"he said ""yes"" to"}', []],
    ["a string without its end", '{"a": "x,\n"b": "y"}', []],
    ["a path with a quote behind its last backslash", String.raw`{"a":"C:\Users\","b":"x"}`, []],
    ["a number that is not one", '{"a":NaN}', []],
    ["numbers side by side", "[1 234]", []],
    ["an empty place", "[1,,2]", []],
    ["no value", '{"a":}', []],
    ["a value that is left out", '[{"a":1}, ...]', [{ a: 1 }]],
    ["one value in parentheses", "{'a': ('x')}", []],
    ["a parenthesis without its end", '{"a":(1,2}', []],
    ["a bracket that is missing in one of two places", '[{"a":{"b":1,"c":2}]', []],
    ["a key twice, in almost JSON", "{a:1,a:2}", []],
    ["a key twice, in quotes of two kinds", "{'a':1,\"a\":2}", []],
    ["a mark between a key and its colon", '{"q":"one , ","a"<:""}', []],
    ["a comma between a key and its colon", '{"q":"","a",:"x"}', []],
    ["a bare key behind a text", '{q:"it is"a:""}', []],
    ["a broken object with bare keys before another", '{q"x",a:"y"}\n{q:"z"}', []],
    ["a bare text with a colon", "{a: 12:30}", []],
    ["a word for nothing in particular", "{a: none}", []],
    ["keys behind the end", '{"a":1}, "b":2}', [{ a: 1 }]],
    ["keys behind the end, without a comma", '{}"a":1}', [{}]],
    ["bare keys behind the end", '{a:"x"}, b:"y"}', [{ a: "x" }]],
    ["a comment with one quote", '{"a": 1.5 // of them"\n}', []],
    ["a comma in a comment", '{"a": "x 5" # title,\n"b": 1}', []],
    ["a comment with data in it", '{"a":1, // "b": 2\n "c":3}', []],
    ["a bracket too early", '{"items":[{"a":"b"},{"a":"c"}}oops', [{ a: "b" }, { a: "c" }]],
    ["a bracket in the wrong place", '{"items":[{"a":1}},{"a":2}]}', [{ a: 1 }]],
    ["a broken list before one that ends early", '[{"a":"1 "x"}]\nOnce more: [{"a":"1"},{"a":', []],
    ["a stray quote in the first of the lines", '{"a":"1 "x"}\n{"a":"2"}\n{"a":"3"}', []],
    ["a stray quote in the second", '{"a":"1"}\n{"a":"2 "x"}\n{"a":"3"}', [{ a: "1" }]],
    ["a stray quote in the last", '{"a":"1"}\n{"a":"2"}\n{"a":"3 "x"}', [{ a: "1" }, { a: "2" }]],
  ])("extractJson does not guess at %s", (_, text, elements) => {
    const found = extractJson(text);
    const reason = expect.stringContaining("its JSON is broken") as string;
    expect(found).toEqual({ status: "broken", elements, reason });
  });

  it("extractJson counts the other values that may be the answer as well", () => {
    expect(extractJson("Either {'a':'x'} or {\"a\":\"y\"}")).toMatchObject({ others: 1 });
    expect(extractJson('Rules {Note: short}: {"a":"y", "b": 1}')).toMatchObject({ others: 0 });
  });

  it("extractJson says where JSON is broken", () => {
    expect(extractJson('{"a":"one "two three","b":1}')).toMatchObject({
      reason: String.raw`its JSON is broken near "two three\",\"b\":1}"`,
    });
  });

  it.each<[string, string, "complete" | "repaired"]>([
    ["a string", JSON.stringify('[{"a":"x"}]'), "complete"],
    ["a string in a string", JSON.stringify(JSON.stringify({ items: [{ a: "x" }] })), "complete"],
    ["a string in a fence", `\`\`\`json\n${JSON.stringify('[{"a":"x"}]')}\n\`\`\``, "complete"],
    ["the inside of a string", String.raw`[{\"a\":\"x\"}]`, "repaired"],
    ["the inside of a string in a fence", `\`\`\`json\n${String.raw`[{\"a\":\"x\"}]`}\n\`\`\``, "repaired"],
  ])("extractJson reads JSON that is written as %s", (_, text, status) => {
    expect(extractJson(text)).toMatchObject({ status });
    expect(JSON.stringify(extractJson(text))).toContain('[{"a":"x"}]');
  });

  it("extractJson leaves a string alone that has no JSON in it", () => {
    expect(extractJson('"{x} is it"')).toEqual(complete("{x} is it"));
  });

  it("extractJson gives numbers as values, or as they are written where asked to", () => {
    const text = "{id: 1234567890123456789, price: 1.10}";
    expect(extractJson(text)).toMatchObject({ value: { id: 1234567890123456789n, price: 1.1 } });
    const written = extractJson(text, { numbers: "written" });
    expect(written).toHaveProperty("value.price.rawJSON", "1.10");
  });

  it.each([
    ["in a list", `{"a":${"[".repeat(200)}${"]".repeat(200)}}`],
    ["in prose", `see {"a":${"[".repeat(200)}${"]".repeat(200)}}`],
    ["in almost JSON", `{a:${"[".repeat(200)}${"]".repeat(200)}}`],
  ])("extractJson does not read JSON nested deeper than 200 levels %s", (_, text) => {
    expect(extractJson(text)).not.toHaveProperty("value");
  });

  it("extractJson reads 200 levels of nested lists", () => {
    const deep = `${"[".repeat(200)}${"]".repeat(200)}`;
    expect(extractJson(deep).status).toBe("complete");
    expect(extractJson(`see ${deep}`).status).toBe("complete");
  });

  it("extractJson does not pollute prototypes", () => {
    extractJson('x {"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}} y');
    extractJson("{__proto__:{'polluted':1}}");
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  // A reader that goes back for each bracket or quote would need hours for these.
  const size = 200_000;
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
    "' x ",
    "“-",
    '"a\n',
    '", "',
    '",//',
    '[//"',
    '",":"',
    '"""',
    "{a:b ",
    "{{",
    "((",
    "\\b\\d",
    "C:\\t\\d ",
    "1",
    "null",
    "｛",
    "［",
    "/*｛",
    "｛“a”：",
  ])("extractJson takes linear time for many characters of %j", (unit) => {
    const long = unit.repeat(Math.ceil(size / unit.length));
    const fenced = [`x\n\`\`\`${long}\`\n{`, `x\n${long}\`\n{`];
    for (const text of [
      long,
      `[{"a":"${long}`,
      `{"a":${long}x`,
      `x\n\`\`\`\n[${long}`,
      `{${long}}`,
      ...fenced,
    ])
      expect(extractJson(text)).toHaveProperty("status");
  });
  // A backspace or form feed before a letter is taken for a backslash that was not written twice.
  const texts = fc.string({ unit: "binary", maxLength: 20 }).map((text) => text.replaceAll(/[\b\f]/g, " "));
  const listOfObjects = fc.array(fc.dictionary(texts, texts), { maxLength: 6 });
  // A key with a value behind the JSON is none.
  const prose = fc
    .string({ unit: fc.constantFrom(...Array.from("ab \n\"'`~,:\\.1-é")), maxLength: 30 })
    .filter((text) => !/["'][ \n]*:|,[ \n]*[ab1é-]+[ \n]*:/.test(text));

  it("extractJson reads any list of objects in any prose without brackets", () => {
    fc.assert(
      fc.property(listOfObjects, prose, prose, fc.nat(2), (list, before, behind, indent) => {
        const text = `${before}\n${JSON.stringify(list, null, indent)}\n${behind}`;
        expect(extractJson(text)).toEqual(complete(list));
      }),
      { numRuns: 1000 },
    );
  });

  it("extractJson reads any list of objects in a fence, whatever the prose", () => {
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

  it("extractJson gives the elements that are complete in any list cut anywhere", () => {
    fc.assert(
      fc.property(listOfObjects, fc.constantFrom("[", '{"items":['), fc.nat(), (list, opening, n) => {
        const parts = list.map((object) => JSON.stringify(object));
        const text = `${opening}${parts.join(",")}]`;
        const cut = text.slice(0, 1 + (n % (text.length - 1)));
        const found = extractJson(cut);
        const isComplete = (i: number): boolean =>
          cut.length >= opening.length + parts.slice(0, i + 1).join(",").length;
        expect(found).toMatchObject({ status: "cut", elements: list.filter((_, i) => isComplete(i)) });
      }),
      { numRuns: 1000 },
    );
  });

  it("extractJson never throws, whatever the text", () => {
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
