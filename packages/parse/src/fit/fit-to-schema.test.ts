import { describe, expect, it } from "vitest";
import { SchemaFitter } from "./fit-to-schema.ts";

const fitToSchema = (value: unknown, schema: Record<string, unknown>): unknown =>
  new SchemaFitter(schema, "json").fit(value).value;
const object = (properties: object, required: readonly string[] = []): Record<string, unknown> => ({
  type: "object",
  properties,
  required,
});
const kind = { enum: ["Cat", "Dog"] };
const tree: Record<string, unknown> = {
  ...object({ kind, note: { type: "string" }, kids: { type: "array", items: { $ref: "#" } } }, ["kind"]),
};

describe("fitToSchema", () => {
  it.each([
    [
      "removes a null that is not allowed",
      object({ a: { type: "string" } }),
      { a: null, b: null },
      { b: null },
    ],
    ["keeps a null that is required", object({ a: { type: "string" } }, ["a"]), { a: null }, { a: null }],
    [
      "keeps a null of a nullable type",
      object({ a: { type: ["string", "null"] } }),
      { a: null },
      { a: null },
    ],
    [
      "keeps a null of a union",
      object({ a: { anyOf: [{ type: "string" }, { type: "null" }] } }),
      { a: null },
      { a: null },
    ],
    ["keeps a null of anything", object({ a: {} }), { a: null }, { a: null }],
    ["keeps a null of an enum", object({ a: { enum: ["x", null] } }), { a: null }, { a: null }],
    ["removes a null of another enum", object({ a: { enum: ["x"] } }), { a: null }, {}],
    ["corrects capitalisation", kind, "CAT", "Cat"],
    ["corrects that of a constant", object({ a: { const: "Yes" } }), { a: "yes" }, { a: "Yes" }],
    ["leaves other texts", kind, "cow", "cow"],
    ["leaves a text that two values are like", { enum: ["a", "A", "Ab", "aB"] }, "AB", "AB"],
    ["leaves a value as the enum has it", { enum: ["a", "A"] }, "A", "A"],
    ["works in lists", { items: kind }, ["dog", "Dog"], ["Dog", "Dog"]],
    [
      "works in tuples",
      { prefixItems: [{}, kind], items: { const: "X" } },
      ["dog", "dog", "x"],
      ["dog", "Dog", "X"],
    ],
    ["works in maps", { additionalProperties: kind }, { a: "dog" }, { a: "Dog" }],
    [
      "follows references",
      { $defs: { kind }, properties: { a: { $ref: "#/$defs/kind" } } },
      { a: "dog" },
      { a: "Dog" },
    ],
    [
      "works in a tree",
      tree,
      { kind: "cat", kids: [{ kind: "dog", note: null, kids: [] }] },
      { kind: "Cat", kids: [{ kind: "Dog", kids: [] }] },
    ],
    [
      "works in all of several",
      { allOf: [object({ a: kind }), object({ b: { type: "string" } })] },
      { a: "cat", b: null },
      { a: "Cat" },
    ],
    ["works in the nullable enum", { anyOf: [{ type: "null" }, kind] }, "cat", "Cat"],
    ["leaves a text that may be any", { anyOf: [kind, { type: "string" }] }, "cat", "cat"],
    [
      "finds the kind of object by its tag",
      {
        oneOf: [
          object({ k: { const: "a" }, v: kind }, ["k"]),
          object({ k: { const: "B" }, v: { const: "DOG" } }, ["k"]),
        ],
      },
      { k: "b", v: "dog" },
      { k: "B", v: "DOG" },
    ],
    ["leaves what the schema says nothing of", object({}), { a: [{ b: null }] }, { a: [{ b: null }] }],
    ["ends with a schema that is itself", { $ref: "#" }, { a: "x" }, { a: "x" }],
    ["ends with a union of itself", { anyOf: [{ $ref: "#" }, { $ref: "#" }] }, { a: "x" }, { a: "x" }],
    ["leaves a reference to elsewhere", { $ref: "https://example.org/x" }, { a: "x" }, { a: "x" }],
  ])("fitToSchema %s", (_, schema, value, expected) => {
    expect(fitToSchema(value, schema)).toStrictEqual(expected);
  });

  it("fitToSchema keeps a property called __proto__", () => {
    const value: unknown = JSON.parse('{"__proto__":"CAT"}');
    const schema = JSON.parse('{"properties":{"__proto__":{"enum":["Cat"]}}}') as Record<string, unknown>;
    expect(JSON.stringify(fitToSchema(value, schema))).toBe('{"__proto__":"Cat"}');
  });
});
