import { parseJson, type Choice, type JsonSchema } from "@parallel-parrot/core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { listOf, objectOf } from "./index.ts";

const stop = (value: unknown): Choice => ({ text: JSON.stringify(value), finishReason: "stop" });
const read = (schema: JsonSchema, value: unknown): unknown => objectOf(schema).read(stop(value));
const adjusted = (output: object, message: string): object => ({
  ok: true,
  outputs: [output],
  warnings: [{ code: "ADJUSTED", message: expect.stringContaining(message) as string }],
});
const person = (more: JsonSchema = {}): JsonSchema => ({
  type: "object",
  properties: { first_name: { type: "string" }, age: { type: "integer" } },
  required: ["first_name"],
  ...more,
});
const labels = (...values: string[]): JsonSchema => ({
  type: "object",
  properties: { label: { enum: values } },
  required: ["label"],
});

describe("keys", () => {
  it.each(["firstName", "FirstName", "First Name", "first-name", "FIRST_NAME", "first_name ", " first name"])(
    "a key that the answer writes in another case or style is read as the key asked for: %j",
    (key) => {
      for (const schema of [
        person(),
        person({ additionalProperties: false }),
        person({ additionalProperties: true }),
      ])
        expect(read(schema, { [key]: "Mia" })).toEqual(
          adjusted({ first_name: "Mia" }, `the key ${JSON.stringify(key)} as "first_name"`),
        );
    },
  );

  it("keys in another case are read inside objects and lists too, in the order of the answer", () => {
    const schema = { type: "object", properties: { people: { type: "array", items: person() } } };
    const reading = read(schema, { People: [{ Age: 3, firstName: "Mia" }] });
    expect(reading).toEqual(adjusted({ people: [{ age: 3, first_name: "Mia" }] }, '"People" as "people"'));
    expect(JSON.stringify(reading)).toContain('{"age":3,"first_name":"Mia"}');
  });

  it.each<[string, JsonSchema, object]>([
    [
      "two names fit",
      { type: "object", properties: { first_name: {}, firstName: {} }, required: ["first_name"] },
      { FirstName: "Mia" },
    ],
    ["two keys fit", person({ additionalProperties: false }), { firstName: "Mia", "First Name": "Tom" }],
    [
      "the name is there too",
      person({ additionalProperties: false }),
      { first_name: "Mia", firstName: "Tom" },
    ],
    ["they differ by more", person(), { name: "Mia" }],
  ])("keys in another case are not read as those asked for where %s", (_, schema, value) => {
    expect(read(schema, value)).toMatchObject({ ok: false, code: "INVALID_OUTPUT" });
  });

  it("a key in another case is data where the schema lets objects have keys of their own", () => {
    const schema = {
      type: "object",
      properties: { id: { type: "string" } },
      additionalProperties: { type: "string" },
    };
    expect(read(schema, { ID: "x" })).toEqual({ ok: true, outputs: [{ ID: "x" }], warnings: [] });
    expect(read({ ...schema, required: ["id"] }, { ID: "x" })).toEqual(adjusted({ id: "x" }, '"ID" as "id"'));
  });

  it("the warning of adjusted keys names the first five and counts the others", () => {
    const keys = Array.from({ length: 8 }, (_, i) => `key_${i}x`);
    const reading = objectOf(keys).read(
      stop(Object.fromEntries(keys.map((key) => [key.toUpperCase(), "v"]))),
    );
    expect(reading).toMatchObject({
      warnings: [{ message: expect.stringMatching(/; and 3 more$/) as string }],
    });
  });

  it("keys that every JavaScript object has by nature, like __proto__, are read in another case too", () => {
    const output = objectOf(["constructor", "__proto__"]);
    const choice: Choice = { text: '{"Constructor":"a","__PROTO__":"b"}', finishReason: "stop" };
    expect(JSON.stringify(output.read(choice))).toContain('[{"constructor":"a","__proto__":"b"}]');
  });
});

describe("texts of an enum", () => {
  it.each([
    [" not_spam ", "not_spam"],
    ["NOT SPAM", "not_spam"],
    ["not-spam", "not_spam"],
    ["Not Spam", "not_spam"],
    ["notSpam", "not_spam"],
    ["SPAM", "spam"],
    ["spam\n", "spam"],
  ])("a text of an enum is read in another case or style: %j", (given, label) => {
    expect(read(labels("spam", "not_spam"), { label: given })).toEqual(
      adjusted({ label }, `${JSON.stringify(given)} as "${label}"`),
    );
    const schema = z.object({ label: z.enum(["spam", "not_spam"]) });
    expect(listOf(schema).read(stop([{ label: given }]))).toEqual(adjusted({ label }, `"${label}"`));
  });

  it.each<[string, readonly string[]]>([
    ["-1", ["1", "2"]],
    ["A-", ["A", "B"]],
    ["1-2", ["12", "3"]],
    ["A B", ["a_b", "a-b"]],
    ["ham", ["spam", "not_spam"]],
    ["not", ["spam", "not_spam"]],
  ])("a text is not read as one of an enum where none or several would fit: %j for %j", (label, values) => {
    expect(read(labels(...values), { label })).toMatchObject({ ok: false, code: "INVALID_OUTPUT" });
  });

  it("a text that is in the enum as it stands is read without a warning", () => {
    expect(read(labels("A b", "a_b"), { label: "A b" })).toEqual({
      ok: true,
      outputs: [{ label: "A b" }],
      warnings: [],
    });
  });
});

describe("values that were written as texts", () => {
  const schema = {
    type: "object",
    properties: { tags: { type: "array" }, home: { type: "object" }, note: { type: ["object", "string"] } },
  };

  it("a value that was written as a text is read as JSON where the schema allows no text", () => {
    expect(read(schema, { tags: '["a","b"]', home: '{"id":12345678901234567890}' })).toEqual(
      adjusted({ tags: ["a", "b"], home: { id: 12_345_678_901_234_567_890n } }, "as JSON"),
    );
    const zod = z.object({ tags: z.array(z.string()), home: z.object({ city: z.string() }).nullable() });
    expect(objectOf(zod).read(stop({ tags: '["a"]', home: '{"City":"Bonn"}' }))).toEqual(
      adjusted({ tags: ["a"], home: { city: "Bonn" } }, "as JSON"),
    );
  });

  it("a text of JSON stays a text where the schema allows one, and is asked for again where it is no JSON", () => {
    const note = '{"a":1}';
    expect(read(schema, { note })).toEqual({ ok: true, outputs: [{ note }], warnings: [] });
    for (const tags of ["a, b", "[a", "{}"]) expect(read(schema, { tags })).toMatchObject({ ok: false });
  });
});

describe("reading by a schema", () => {
  it("reading by a schema leaves every answer that has the keys and texts asked for as it is", () => {
    const schema = {
      type: "object",
      properties: { a_b: { type: "string" }, C: { enum: ["x_y", "Z"] }, d: { type: "array" } },
      additionalProperties: { type: "string" },
    };
    const value = fc.record(
      {
        a_b: fc.string(),
        C: fc.constantFrom("x_y", "Z"),
        d: fc.array(
          fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.dictionary(fc.string(), fc.string())),
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(value, fc.dictionary(fc.string(), fc.string()), (known, others) => {
        // What would be a known key with a value of another type is another matter.
        const free = Object.entries(others).filter(([key]) => !(key in schema.properties));
        const answer = { ...Object.fromEntries(free), ...known };
        expect(read(schema, answer)).toEqual({
          ok: true,
          outputs: [parseJson(JSON.stringify(answer))],
          warnings: [],
        });
      }),
    );
  });
});
