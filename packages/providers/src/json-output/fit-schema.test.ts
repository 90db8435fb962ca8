import { describe, expect, it } from "vitest";
import { fitSchema, type SchemaDialect } from "./fit-schema.ts";
import { OPENAI_SCHEMAS } from "./schema-dialects.ts";

const CLOSED: SchemaDialect = {
  keywords: new Set(["$defs", "$ref", "anyOf", "format", "minItems"]),
  formats: new Set(["date"]),
  largestMinItems: 1,
  closesObjects: true,
  takesRecursion: false,
};
const OPEN: SchemaDialect = {
  keywords: new Set(["$defs", "$ref", "anyOf", "oneOf", "additionalProperties", "minimum"]),
  closesObjects: false,
  takesRecursion: true,
};
const object = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  type: "object",
  properties,
  ...more,
});

describe("fitSchema", () => {
  it("fitSchema closes every object of a schema, and moves bounds that are not enforced into descriptions", () => {
    const schema = object(
      {
        day: { type: "string", format: "date" },
        mail: { type: "string", format: "email", description: "Work address" },
        tags: { type: "array", items: object({ name: { type: "string", maxLength: 9 } }), minItems: 2 },
        some: { type: "array", items: { type: "string" }, minItems: 1 },
        kind: { const: "a", default: "a" },
        any: { oneOf: [{ type: "string" }, { type: "null" }] },
      },
      { $schema: "https://json-schema.org/draft/2020-12/schema", required: ["day"] },
    );
    expect(fitSchema(schema, CLOSED)).toEqual(
      object(
        {
          day: { type: "string", format: "date" },
          mail: { type: "string", description: 'Work address (format: "email")' },
          tags: {
            type: "array",
            items: object(
              { name: { type: "string", description: "(maxLength: 9)" } },
              { additionalProperties: false },
            ),
            description: "(minItems: 2)",
          },
          some: { type: "array", items: { type: "string" }, minItems: 1 },
          kind: { enum: ["a"] },
          any: { anyOf: [{ type: "string" }, { type: "null" }] },
        },
        { required: ["day"], additionalProperties: false },
      ),
    );
  });

  it("fitSchema keeps the keywords that a schema dialect has, and leaves open objects open", () => {
    const schema = object({
      map: { type: "object", additionalProperties: { type: "number", minimum: 0, maximum: 9 } },
      free: { type: "object", additionalProperties: true },
      shut: { type: "object", properties: { a: { type: "string" } }, additionalProperties: false },
    });
    expect(fitSchema(schema, OPEN)).toEqual(
      object({
        map: {
          type: "object",
          additionalProperties: { type: "number", minimum: 0, description: "(maximum: 9)" },
        },
        free: { type: "object", additionalProperties: true },
        shut: { type: "object", properties: { a: { type: "string" } }, additionalProperties: false },
      }),
    );
  });

  it("fitSchema reads definitions under both names, and allows recursion only if the schema dialect does", () => {
    const node = object({ value: { type: "string" } });
    const shared = object(
      { a: { $ref: "#/definitions/node" }, b: { $ref: "#/definitions/node" } },
      { definitions: { node } },
    );
    expect(fitSchema(shared, CLOSED)).toEqual(
      object(
        { a: { $ref: "#/$defs/node" }, b: { $ref: "#/$defs/node" } },
        { $defs: { node: { ...node, additionalProperties: false } }, additionalProperties: false },
      ),
    );
    const tree = object(
      { root: { $ref: "#/$defs/node" } },
      { $defs: { node: object({ next: { $ref: "#/$defs/node" } }) } },
    );
    expect(fitSchema(tree, CLOSED)).toBeUndefined();
    expect(fitSchema(tree, OPEN)).toEqual(tree);
  });

  it("fitSchema does not mistake a property of a schema for the keyword of the same name", () => {
    const schema = object({ allOf: { type: "string" }, pattern: { type: "number" }, $ref: { type: "null" } });
    expect(fitSchema(schema, CLOSED)).toEqual({ ...schema, additionalProperties: false });
  });

  it.each([
    { type: "array", items: { type: "string" } },
    { type: "object", additionalProperties: { type: "string" } },
    { type: "object" },
    object({ any: {} }),
    object({ any: true }),
    object({ list: { type: "array", items: true } }),
    object({ both: { allOf: [{ type: "string" }] } }),
    object({ a: { type: "string" } }, { dependentRequired: { a: ["b"] } }),
    object({ a: { $ref: "https://schemas.example/a" } }),
    object({ a: { anyOf: [{ type: "object", additionalProperties: true }, { type: "null" }] } }),
  ])("fitSchema has no form for %j", (schema) => {
    expect(fitSchema(schema, CLOSED)).toBeUndefined();
  });

  it("fitSchema demands a required property if the schema dialect does", () => {
    const dialect = { ...CLOSED, needsRequired: true };
    expect(fitSchema(object({ a: { type: "string" } }), dialect)).toBeUndefined();
    expect(fitSchema(object({ a: { type: "string" } }, { required: ["a"] }), dialect)).toBeDefined();
  });
});

describe("OpenAI's strict mode", () => {
  const strict = (properties: Record<string, unknown>) =>
    object(properties, { required: Object.keys(properties), additionalProperties: false });
  const orNull = (schema: unknown) => ({ anyOf: [schema, { type: "null" }] });

  it("strict mode of OpenAI gets every object closed and every property required, optional ones with null", () => {
    const pair = object({
      q: { type: "string", default: "x" },
      a: { type: ["string", "null"] },
      list: { $ref: "#/$defs/pair", description: "Another" },
    });
    const schema = object(
      { pairs: { type: "array", items: { $ref: "#/$defs/pair" } } },
      { $schema: "x", required: ["pairs"], $defs: { pair } },
    );
    expect(fitSchema(schema, OPENAI_SCHEMAS)).toEqual({
      ...strict({ pairs: { type: "array", items: { $ref: "#/$defs/pair" } } }),
      $defs: {
        pair: strict({
          q: orNull({ type: "string" }),
          a: { type: ["string", "null"] },
          list: orNull({ $ref: "#/$defs/pair" }),
        }),
      },
    });
  });

  it("strict mode of OpenAI gets the bounds that it does not support in descriptions, and keeps the others", () => {
    const schema = strict({
      page: { type: "string", format: "uri" },
      mail: { type: "string", format: "email", pattern: "@" },
      code: { type: "string", minLength: 2, maxLength: 5 },
      rank: { type: "integer", minimum: 1, maximum: 5 },
      tags: { type: "array", items: { type: "string" }, minItems: 2, uniqueItems: true },
      any: { oneOf: [{ type: "string" }, { type: "number" }] },
    });
    expect(fitSchema(schema, OPENAI_SCHEMAS)).toEqual(
      strict({
        page: { type: "string", description: '(format: "uri")' },
        mail: { type: "string", format: "email", pattern: "@" },
        code: { type: "string", description: "(minLength: 2, maxLength: 5)" },
        rank: { type: "integer", minimum: 1, maximum: 5 },
        tags: {
          type: "array",
          items: { type: "string" },
          minItems: 2,
          description: "(uniqueItems: true)",
        },
        any: { anyOf: [{ type: "string" }, { type: "number" }] },
      }),
    );
  });

  it.each([
    { type: "array", items: { type: "string" } },
    { type: "object", additionalProperties: { type: "string" } },
    object({ free: { type: "object", additionalProperties: true } }),
    object({ any: {} }),
    object({ both: { allOf: [{ type: "string" }] } }),
    object({ a: { $ref: "#/$defs/a", enum: ["x"] } }, { $defs: { a: { type: "string" } } }),
    object({ a: { type: "string" } }, { anyOf: [{ required: ["a"] }, { required: [] }] }),
  ])("strict mode of OpenAI has no form for %j", (schema) => {
    expect(fitSchema(schema, OPENAI_SCHEMAS)).toBeUndefined();
  });
});
