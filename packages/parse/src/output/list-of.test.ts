import { isParrotError, type Choice } from "@parallel-parrot/core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listOf, type ListOptions } from "../index.ts";

const qa = listOf(["q", "a"]);
const stop = (text: string): Choice => ({ text, finishReason: "stop" });
const length = (text: string): Choice => ({ text, finishReason: "length" });
const readingOf = (choice: Choice): Awaited<ReturnType<typeof qa.read>> => {
  const reading = qa.read(choice);
  if ("then" in reading) throw new Error("Key names need no promise");
  return reading;
};
const one = { q: "1", a: "x" };
const two = { q: "2", a: "y" };

describe("listOf", () => {
  it.each([
    ["the object asked for", '{"items":[{"q":"1","a":"x"},{"q":"2","a":"y"}]}', [one, two]],
    ["an empty list", '{"items":[]}', []],
    ["an empty bare list", "[]", []],
    ["a list under another key", '{"pairs":[{"q":"1","a":"x"}]}', [one]],
    ["a list beside other values", '{"count":1,"pairs":[{"q":"1","a":"x"}],"note":"done"}', [one]],
    ["a list one level deeper", '{"data":{"pairs":[{"q":"1","a":"x"}]}}', [one]],
    ["a bare list", '[{"q":"1","a":"x"}]', [one]],
    ["a bare object", '{"q":"1","a":"x"}', [one]],
    ["one object in a wrapper", '{"items":{"q":"1","a":"x"}}', [one]],
    ["JSON Lines", '{"q":"1","a":"x"}\n{"q":"2","a":"y"}', [one, two]],
    ["numbered objects", '{"1":{"q":"1","a":"x"},"2":{"q":"2","a":"y"}}', [one, two]],
    ["a string of JSON", JSON.stringify('[{"q":"1","a":"x"}]'), [one]],
    ["a string of JSON with the wrapper", JSON.stringify('{"items":[{"q":"1","a":"x"}]}'), [one]],
    ["a footnote", '[{"q":"1","a":"x"}]\n\n[1] By the book.', [one]],
    ["a fence in prose", 'Sure:\n```json\n[{"q":"1","a":"x"}]\n```\nBye!', [one]],
  ])("listOf reads %s", (_, text, outputs) => {
    expect(qa.read(stop(text))).toEqual({ ok: true, outputs, warnings: [] });
  });

  it("listOf tells a wrapper from an element whose keys are not known", () => {
    const any = listOf({ type: "object" });
    const outputsOf = (value: object): unknown => any.read(stop(JSON.stringify(value)));
    for (const wrapper of [{ items: [one], n: 1 }, { pets: [one] }, { data: { items: [one] } }, [one]])
      expect(outputsOf(wrapper)).toMatchObject({ outputs: [one] });
    for (const element of [{ pets: [one], n: 1 }, { tags: ["x"] }, { a: 1 }])
      expect(outputsOf(element)).toMatchObject({ outputs: [element] });
  });

  it("listOf of key names makes all values strings and drops other keys", () => {
    const text =
      '[{"q":1.5,"a":true,"__proto__":{"x":1},"constructor":1},{"q":{"x":[null]},"a":[1]},{"q":1e999,"a":""}]';
    expect(qa.read(stop(text))).toEqual({
      ok: true,
      outputs: [
        { q: "1.5", a: "true" },
        { q: '{"x":[null]}', a: "[1]" },
        { q: "1e999", a: "" },
      ],
      warnings: [],
    });
  });

  it("listOf reads keys that objects have by nature, and only the answer's own", () => {
    const output = listOf(["__proto__", "constructor", "toString"]);
    const json = '[{"__proto__":"a","constructor":"b","toString":"c"}]';
    expect(JSON.stringify(output.read(stop(json)))).toContain(json);
    expect(output.read(stop('[{"__proto__":"a"}]'))).toMatchObject({
      message: expect.stringContaining("items[0].constructor: expected string, got nothing") as string,
    });
  });

  it.each([
    ["null", '[{"q":"1","a":"x"},{"q":"2","a":null}]', "items[1].a: expected string, got null"],
    ["a missing key", '{"q":"1"}', "items[0].a: expected string, got nothing"],
    ["an element that is no object", '["x"]', 'items[0]: expected object, got "x"'],
    ["no JSON", "I would rather not", "it contains no JSON object or list"],
    [
      "separate objects",
      'First {"q":"1","a":"x"}\nthen {"q":"2","a":"y"}',
      "expected one list, got 2 separate JSON values",
    ],
    ["prose that looks repairable", "{I would rather not}", "its JSON is broken"],
  ])("listOf refuses %s and says where", (_, text, problem) => {
    expect(qa.read(stop(text))).toEqual({
      ok: false,
      code: "INVALID_OUTPUT",
      message: expect.stringContaining(problem) as string,
    });
  });

  it("listOf names five problems at most", () => {
    const text = JSON.stringify(Array.from({ length: 5 }, () => ({})));
    expect(qa.read(stop(text))).toMatchObject({
      message: expect.stringMatching(/items\[2\]\.q: [^;]*; and 5 more$/) as string,
    });
  });

  it("listOf has messages of one line, whatever the answer", () => {
    const output = listOf({ type: "object", properties: { a: { const: "x" } }, additionalProperties: false });
    const key = "\u001B]0;title\u0007\n";
    const reading = output.read(stop(JSON.stringify([{ a: `${key}${"y".repeat(500)}`, [key]: 1 }])));
    expect(reading).toMatchObject({
      ok: false,
      message: expect.stringMatching(/^[^\p{Cc}]{20,300}$/u) as string,
    });
  });

  it("listOf keeps the complete objects of a list that the token limit cut off, with a warning", () => {
    const text = '{"items":[{"q":"1","a":"x"},{"q":"2","a":"y"},{"q":"3';
    const cut = (message: string): object => ({
      ok: true,
      outputs: [one, two],
      warnings: [{ code: "TRUNCATED", message }],
    });
    expect(qa.read(length(text))).toEqual(
      cut("The token limit cut the list off: 2 complete objects are kept"),
    );
    expect(qa.read(length('{"q":"1","a":"x"}\n'))).toMatchObject({
      outputs: [one],
      warnings: [{ message: "The token limit cut the list off: 1 complete object is kept" }],
    });
  });

  it.each([
    ["ends early", '{"items":[{"q":"1","a":"x"},{"q":"2","a":"y"},{"q":"3', "ends in the middle"],
    ["breaks off", '{"items":[{"q":"1","a":"x"},{"q":"2","a":"y"}}oops', "broken near"],
    ["breaks off behind a bad element", '[{"q":"1","a":"x"},{"q":"2","a":"y"},{"q":"c"}}oops', "broken near"],
    [
      "has a line that cannot be read",
      '{"q":"1","a":"x"}\n{"q":"2","a":"y"}\n{"q":"3 "z","a":""}\n{}',
      "broken",
    ],
  ])(
    "listOf asks again for a list that %s, and has the complete objects as a last resort",
    (_, text, why) => {
      const outputs = [one, two];
      const message = expect.stringMatching(
        new RegExp(`^Only part .*${why}.*: 2 complete objects are kept$`),
      );
      expect(qa.read(stop(text))).toEqual({
        ok: false,
        code: "INVALID_OUTPUT",
        message: expect.stringContaining(why) as string,
        partial: { outputs, warnings: [{ code: "PARTIAL", message }] },
      });
    },
  );

  it("listOf has nothing as a last resort where no object is complete, or the first one is not as asked for", () => {
    for (const text of ['[{"q":"1","a', '[{"q":"1"},{"q":"2","a":"y"},{"q"', "{'q': 'x"])
      expect(qa.read(stop(text))).not.toHaveProperty("partial");
  });

  it("listOf tells of backslashes restored in the part of an answer that is left", () => {
    expect(qa.read(stop(String.raw`[{"q":"\d+","a":"x"},{"q":"2`))).toMatchObject({
      partial: {
        outputs: [{ q: String.raw`\d+`, a: "x" }],
        warnings: [{ code: "REPAIRED" }, { code: "PARTIAL" }],
      },
    });
  });

  it("listOf reads a list that is whole but for the brackets around it", () => {
    expect(qa.read(stop('{"data":{"items":[{"q":"1","a":"x"}]}'))).toMatchObject({
      outputs: [one],
      warnings: [{ code: "REPAIRED" }],
    });
  });

  it("listOf does not take an example in prose for the answer where the token limit came", () => {
    for (const text of [
      'The form is {"q":"1","a":"x"}, so let me th',
      'First a draft:\n```json\n[{"q":"1","a":"x"}]\n```\nNow I che',
      'As in [{"q":"1","a":"x"}] and {"q":"2","a":"y"} I w',
    ])
      expect(qa.read(length(text))).toMatchObject({ ok: false });
  });

  it("listOf lets an answer with extra keys be repaired where its schema allows them", async () => {
    const spec = { type: "object", properties: { q: { type: "string" } }, required: ["q"] } as const;
    expect(await listOf(spec).read(stop('[{"q":"1","more":2,}]'))).toEqual({
      ok: true,
      outputs: [{ q: "1", more: 2 }],
      warnings: [expect.objectContaining({ code: "REPAIRED" })],
    });
  });

  it("listOf does not warn of a cut where the list is closed", () => {
    expect(qa.read(length('[{"q":"1","a":"x"}]\nI hope th'))).toEqual({
      ok: true,
      outputs: [one],
      warnings: [],
    });
  });

  it.each(['{"items":[{"q":"1","a', "[", "", "I hope th"])(
    "listOf fails a cut answer of which no object is complete: %j",
    (text) => {
      expect(qa.read(length(text))).toMatchObject({ ok: false, code: "OUTPUT_TRUNCATED" });
    },
  );

  it("listOf tells a list that ends early from a cut at the token limit", () => {
    expect(qa.read(stop('[{"q":"1",'))).toMatchObject({ code: "INVALID_OUTPUT" });
    expect(qa.read(stop(""))).toMatchObject({ code: "EMPTY_ANSWER" });
  });

  it("listOf repairs broken JSON, with a warning", () => {
    expect(qa.read(stop("[{'q':'1',a:'x'},]"))).toMatchObject({
      ok: true,
      outputs: [one],
      warnings: [{ code: "REPAIRED" }],
    });
  });

  it("listOf can drop invalid objects, with a warning", () => {
    const lenient = listOf(["a"], { invalidItems: "drop" });
    expect(lenient.read(stop('[{"a":1},{"b":1},{"a":2}]'))).toEqual({
      ok: true,
      outputs: [{ a: "1" }, { a: "2" }],
      warnings: [
        {
          code: "ITEM_DROPPED",
          message: "1 of 3 objects are invalid and were dropped: items[1].a: expected string, got nothing",
        },
      ],
    });
    expect(lenient.read(stop('[{"b":1}]'))).toMatchObject({ ok: false, code: "INVALID_OUTPUT" });
    expect(lenient.read(stop("[]"))).toMatchObject({ ok: true, outputs: [] });
  });

  it("listOf refuses more objects than its option allows", () => {
    const output = listOf(["a"], { maxItems: 2 });
    expect(output.read(stop('[{"a":1},{"a":2}]'))).toMatchObject({ ok: true });
    expect(output.read(stop('[{"a":1},{"a":2},{"a":3}]'))).toEqual({
      ok: false,
      code: "TOO_MANY_OUTPUTS",
      message: "The answer has 3 objects, and maxItems allows 2",
    });
    expect(qa.read(stop("{},".repeat(10_001)))).toMatchObject({ code: "TOO_MANY_OUTPUTS" });
  });

  it("listOf asks the model for an object with a list in it", () => {
    const { shape, columns } = listOf(["q", "a"], { name: "pairs" });
    const item = {
      type: "object",
      properties: { q: { type: "string" }, a: { type: "string" } },
      required: ["q", "a"],
      additionalProperties: false,
    };
    const schema = {
      type: "object",
      properties: { items: { type: "array", items: item } },
      required: ["items"],
      additionalProperties: false,
    };
    expect(columns).toEqual(["q", "a"]);
    expect(shape).toMatchObject({ type: "json", name: "pairs", schema });
    expect(qa.shape).toMatchObject({ name: "items" });
    const { instructions } = shape.type === "json" ? shape : { instructions: "" };
    for (const part of ["JSON", '"q", "a"', JSON.stringify(schema), '{"items":[{"q":"...","a":"..."}]}'])
      expect(instructions).toContain(part);
    // With one other character in it, the body of every request takes two bytes a character until it is sent.
    expect(instructions).toMatch(/^[\0-\x7F]+$/);
  });

  it.each([
    [{ name: "no spaces" }, "name"],
    [{ name: "" }, "name"],
    [{ name: "x".repeat(65) }, "name"],
    [{ maxItems: 0 }, "maxItems"],
    [{ maxItems: 1.5 }, "maxItems"],
    [{ invalidItems: "keep" as "drop" }, "invalidItems"],
  ] satisfies [ListOptions, string][])("listOf refuses the options %j", (options, option) => {
    expect(() => listOf(["a"], options)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option }) as Error,
    );
  });

  it.each([
    [[]],
    [["a", "a"]],
    [[""]],
    [[1]],
    ["text"],
    [null],
    [{}],
    [{ type: "array" }],
    [{ anyOf: [{ type: "object" }, { type: "null" }] }],
  ])("listOf refuses the spec %j", (spec) => {
    const make = (): unknown => listOf(spec as string[]);
    expect(make).toThrow(expect.objectContaining({ code: "INVALID_OPTION", option: "spec" }) as Error);
    expect(make).toThrow(expect.toSatisfy(isParrotError) as Error);
  });

  const texts = fc.string({ unit: "grapheme", maxLength: 12 });
  const lists = fc.array(fc.record({ q: texts, a: texts }, { noNullPrototype: true }), { maxLength: 6 });
  const forms: ((list: readonly object[]) => string)[] = [
    (list) => JSON.stringify({ items: list }),
    (list) => JSON.stringify(list),
    (list) => JSON.stringify({ items: list }, null, 2),
    (list) => `As {"q": ..., "a": ...}:\n\`\`\`json\n${JSON.stringify(list)}\n\`\`\`\nDone.`,
    (list) => JSON.stringify({ result: { pairs: list } }),
  ];

  it("listOf reads any list in any form", () => {
    fc.assert(
      fc.property(lists, fc.constantFrom(...forms), (list, form) => {
        expect(qa.read(stop(form(list)))).toEqual({ ok: true, outputs: list, warnings: [] });
      }),
      { numRuns: 1000 },
    );
  });

  it("listOf reads the first objects of any list cut anywhere, or says that it was cut", () => {
    fc.assert(
      fc.property(lists, fc.constantFrom(...forms), fc.nat(), (list, form, n) => {
        const whole = form(list);
        const reading = readingOf(length(whole.slice(0, n % whole.length)));
        const outputs = reading.ok ? reading.outputs : [];
        expect(outputs).toEqual(list.slice(0, outputs.length));
        expect(reading.ok ? undefined : reading.code).toBeOneOf([undefined, "OUTPUT_TRUNCATED"]);
      }),
      { numRuns: 2000 },
    );
  });

  it("listOf of key names never throws and gives nothing but texts, whatever the answer", () => {
    const values = fc.json({ depthSize: "medium" });
    fc.assert(
      fc.property(
        fc.oneof(values, fc.string({ unit: "binary" })),
        fc.constantFrom(stop, length),
        (text, choice) => {
          const reading = readingOf(choice(text));
          const cells = (reading.ok ? reading.outputs : []).flatMap((output) => Object.values(output));
          expect(cells.every((cell) => typeof cell === "string")).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each([
    '{"items":[{"q":"1"},{"q":"2"}]',
    '{"items":[{"q":"1"},{"q":"2"}],"note":"b',
    '{"data":{"items":[{"q":"1"},{"q":"2"}]}',
    '{"data":{"items":[{"q":"1"},{"q":"2"}],',
  ])("listOf keeps a list that was complete before the cut: %s", async (text) => {
    expect(await listOf(["q"]).read({ text, finishReason: "length" })).toMatchObject({
      ok: true,
      outputs: [{ q: "1" }, { q: "2" }],
      warnings: [{ code: "TRUNCATED" }],
    });
  });

  it.each([
    ['```json\n{"items":[{"q":"1"}]}\n```\n```json\n{"items":[{"q":"2"},{"q":"3"}]}\n```', "stop"],
    ['{"examples":[{"q":"ex"}],"items":[', "length"],
  ] as const)("listOf does not take another list for the answer: %s", async (text, finishReason) => {
    expect(await listOf(["q"]).read({ text, finishReason })).toMatchObject({ ok: false });
  });
});
