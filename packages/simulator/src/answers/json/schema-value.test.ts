import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WASHINGTON } from "../../../fixtures/articles.ts";
import { Content } from "../prose/content.ts";
import { isObject, type JsonObject } from "../../json-value.ts";
import { valueFor } from "./schema-value.ts";

function make(schema: unknown, index = 0, document: string = WASHINGTON): unknown {
  return valueFor(schema, {
    root: schema,
    content: new Content(document),
    key: "",
    index,
    depth: 0,
    count: { values: 0 },
  });
}

/** Says why a value does not satisfy a schema. It checks the keywords used below independently of the source. */
function problem(schema: unknown, value: unknown, root: unknown = schema): string | undefined {
  if (!isObject(schema)) return schema === false ? "nothing is allowed" : undefined;
  if (typeof schema["$ref"] === "string") {
    const name = schema["$ref"].split("/").at(-1) ?? "";
    const definitions = isObject(root) && isObject(root["$defs"]) ? root["$defs"] : {};
    return problem(schema["$ref"] === "#" ? root : definitions[name], value, root);
  }
  if ("const" in schema) return value === schema["const"] ? undefined : "not the constant";
  if (Array.isArray(schema["enum"])) return schema["enum"].includes(value) ? undefined : "not in the enum";
  if (Array.isArray(schema["anyOf"]))
    return schema["anyOf"].some((branch) => problem(branch, value, root) === undefined)
      ? undefined
      : "no branch";
  const types = new Set([schema["type"]].flat());
  const type =
    value === null
      ? "null"
      : Array.isArray(value)
        ? "array"
        : Number.isInteger(value)
          ? "integer"
          : typeof value;
  if (!types.has(type) && !(type === "integer" && types.has("number"))) return `${type} not allowed`;
  if (typeof value === "string") return stringProblem(schema, value);
  if (typeof value === "number") return numberProblem(schema, value);
  if (Array.isArray(value)) {
    if (value.length < Number(schema["minItems"] ?? 0)) return "too few items";
    if (value.length > Number(schema["maxItems"] ?? Infinity)) return "too many items";
    if (
      schema["uniqueItems"] === true &&
      new Set(value.map((item) => JSON.stringify(item))).size < value.length
    )
      return "items repeat";
    return value.map((item) => problem(schema["items"], item, root)).find((found) => found !== undefined);
  }
  if (!isObject(value)) return undefined;
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"].map(String) : [];
  if (required.some((key) => !Object.hasOwn(value, key))) return "a key is missing";
  for (const [key, cell] of Object.entries(value)) {
    if (!Object.hasOwn(properties, key)) return `additional ${key}`;
    const found = problem(properties[key], cell, root);
    if (found !== undefined) return `${key}: ${found}`;
  }
  return undefined;
}

function stringProblem(schema: JsonObject, value: string): string | undefined {
  const formats: Record<string, RegExp> = {
    date: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d)$/,
    "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
    time: /^\d\d:\d\d:\d\dZ$/,
    email: /^[\w.]+@[\w.]+\.\w+$/,
    uuid: /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    uri: /^https:\/\/\S+$/,
    ipv4: /^\d+\.\d+\.\d+\.\d+$/,
  };
  const length = Array.from(value).length;
  if (length < Number(schema["minLength"] ?? 0)) return "too short";
  if (length > Number(schema["maxLength"] ?? Infinity)) return "too long";
  const pattern = typeof schema["pattern"] === "string" ? schema["pattern"] : "";
  if (!new RegExp(pattern, "u").test(value)) return "does not match";
  return formats[String(schema["format"])]?.test(value) === false ? "wrong format" : undefined;
}

function numberProblem(schema: JsonObject, value: number): string | undefined {
  if (value < Number(schema["minimum"] ?? -Infinity) || value > Number(schema["maximum"] ?? Infinity))
    return "range";
  if (value <= Number(schema["exclusiveMinimum"] ?? -Infinity)) return "at the minimum";
  if (value >= Number(schema["exclusiveMaximum"] ?? Infinity)) return "at the maximum";
  const parts = value / Number(schema["multipleOf"] ?? value);
  return value !== 0 && Math.abs(parts - Math.round(parts)) > 1e-9 ? "not a multiple" : undefined;
}

function objectOf(properties: object): object {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}

const TREE = {
  ...objectOf({ root: { $ref: "#/$defs/node" } }),
  $defs: {
    node: objectOf({
      name: { type: "string" },
      next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] },
      children: { type: "array", items: { $ref: "#/$defs/node" } },
    }),
  },
};

describe("valueFor", () => {
  it.each<[string, object]>([
    [
      "question and answer pairs",
      objectOf({
        items: {
          type: "array",
          items: objectOf({ question: { type: "string" }, answer: { type: "string" } }),
        },
      }),
    ],
    [
      "bounds on lists",
      objectOf({
        few: { type: "array", items: { type: "string" }, maxItems: 1 },
        many: { type: "array", items: { type: "integer" }, minItems: 9 },
      }),
    ],
    ["an empty list", objectOf({ none: { type: "array", items: { type: "string" }, maxItems: 0 } })],
    [
      "unique items",
      objectOf({ tags: { type: "array", items: { type: "string" }, minItems: 4, uniqueItems: true } }),
    ],
    [
      "unique items of an enum",
      objectOf({
        tags: {
          type: "array",
          items: { enum: ["a", "b", "c"] },
          minItems: 3,
          maxItems: 3,
          uniqueItems: true,
        },
      }),
    ],
    [
      "enum and const",
      objectOf({
        kind: { const: "fact" },
        label: { type: "string", enum: ["good", "bad"] },
        level: { enum: [1, 2, null] },
      }),
    ],
    [
      "null unions",
      objectOf({
        a: { type: ["string", "null"] },
        b: { anyOf: [{ type: "null" }, { type: "integer" }] },
        c: { type: "null" },
      }),
    ],
    [
      "anyOf of objects",
      objectOf({
        shape: {
          anyOf: [
            objectOf({ kind: { const: "circle" }, radius: { type: "number" } }),
            objectOf({ side: { type: "number" } }),
          ],
        },
      }),
    ],
    [
      "formats",
      objectOf({
        a: { type: "string", format: "date" },
        b: { type: "string", format: "date-time" },
        c: { type: "string", format: "email" },
        d: { type: "string", format: "uuid" },
        e: { type: "string", format: "uri" },
        f: { type: "string", format: "time" },
        g: { type: "string", format: "ipv4" },
      }),
    ],
    [
      "bounds on numbers",
      objectOf({
        a: { type: "integer", minimum: 3, maximum: 5 },
        b: { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 },
        c: { type: "integer", multipleOf: 7, minimum: 15 },
        d: { type: "number", multipleOf: 0.05, maximum: 0.3 },
        e: { type: "integer", maximum: -4 },
        f: { type: "integer", minimum: 2.5, maximum: 3.5 },
      }),
    ],
    [
      "ratings",
      objectOf({
        rating: { type: "integer", minimum: 1, maximum: 5 },
        confidence: { type: "number", minimum: 0, maximum: 1 },
      }),
    ],
    [
      "bounds on strings",
      objectOf({
        summary: { type: "string", maxLength: 10 },
        text: { type: "string", minLength: 700 },
        title: { type: "string", minLength: 3, maxLength: 3 },
      }),
    ],
    [
      "patterns",
      objectOf({
        code: { type: "string", pattern: "^[A-Z]{3}-\\d{4}$" },
        word: { type: "string", pattern: "^[a-z]+$" },
        either: { type: "string", pattern: "^(?:yes|no)$" },
        sized: { type: "string", pattern: "^[a-z]*$", minLength: 6, maxLength: 9 },
        not: { type: "string", pattern: "^[^\\s]+$" },
      }),
    ],
    ["booleans", objectOf({ isFact: { type: "boolean" } })],
    ["a schema that refers to itself", TREE],
    [
      "a root that refers to itself",
      { ...objectOf({ value: { type: "string" }, rest: { anyOf: [{ $ref: "#" }, { type: "null" }] } }) },
    ],
  ])("valueFor makes a value that satisfies %s", (_, schema) => {
    for (const document of [WASHINGTON, "", "I hated it.", "日本語のテキスト。"])
      for (const index of [0, 1, 7]) expect(problem(schema, make(schema, index, document))).toBeUndefined();
  });

  it.each([
    ["a pattern that takes hours to match", { type: "string", pattern: "^(a+)+$" }],
    ["a pattern of milliards of characters", { type: "string", pattern: "^(((a{999}){999}){999})$" }],
    ["a text of a milliard characters", { type: "string", minLength: 1e9 }],
    ["a list of a milliard items", { type: "array", minItems: 1e9, items: { type: "string" } }],
    ["an object of a milliard properties", { type: "object", minProperties: 1e9 }],
    ["two trees in each tree", objectOf({ left: { $ref: "#" }, right: { $ref: "#" } })],
  ])("valueFor makes a value of bounded size for %s", (_, schema) => {
    const value = make(schema, 0, `${"a".repeat(60)}! ${WASHINGTON}`);
    expect(JSON.stringify(value).length).toBeLessThan(50_000_000);
  });

  it("valueFor makes a value that satisfies any strict schema", () => {
    const range = fc.tuple(fc.integer({ min: -50, max: 50 }), fc.nat(40));
    const leaf = fc.oneof(
      fc.constant({ type: "string" }),
      fc.constant({ type: "boolean" }),
      range.map(([minimum, size]) => ({ type: "integer", minimum, maximum: minimum + size })),
      range.map(([minimum, size]) => ({ type: "number", minimum, maximum: minimum + size })),
      range.map(([, size]) => ({ type: "string", minLength: size, maxLength: size + 3 })),
      fc.uniqueArray(fc.string(), { minLength: 1 }).map((values) => ({ type: "string", enum: values })),
    );
    const { schema } = fc.letrec<{ schema: object }>((tie) => ({
      schema: fc.oneof(
        { depthSize: "small" },
        leaf,
        fc.dictionary(fc.string(), tie("schema"), { maxKeys: 4 }).map(objectOf),
        fc
          .tuple(tie("schema"), fc.nat(6))
          .map(([items, minItems]) => ({ type: "array", items, minItems, maxItems: minItems + 2 })),
        tie("schema").map((branch) => ({ anyOf: [{ type: "null" }, branch] })),
      ),
    }));
    fc.assert(
      fc.property(schema, fc.nat(9), fc.string(), (root, index, document) => {
        expect(problem(root, make(root, index, document))).toBeUndefined();
      }),
    );
  });

  it("valueFor keeps a property of a schema called __proto__", () => {
    const schema: unknown = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"integer"}},"required":["__proto__"]}',
    );
    expect(Object.keys(make(schema) as object)).toEqual(["__proto__"]);
  });

  it("valueFor makes values that are sensible for their keys", () => {
    const properties = Object.fromEntries(
      ["title", "summary", "sentiment", "personName", "question", "answer", "year"].map((key) => [
        key,
        { type: "string" },
      ]),
    );
    expect(make({ type: "object", properties })).toEqual({
      title: "George Washington",
      summary:
        "George Washington was an American military officer, statesman, and Founding Father who served as the first president of the United States from 1789 to 1797.",
      sentiment: "neutral",
      personName: "George Washington",
      question: "Who was George Washington?",
      answer:
        "George Washington was an American military officer, statesman, and Founding Father who served as the first president of the United States from 1789 to 1797.",
      year: "1732",
    });
  });

  it("valueFor fills a list of pairs with two to five different questions", () => {
    const pair = objectOf({ question: { type: "string" }, answer: { type: "string" } });
    for (const index of [0, 1, 2, 3]) {
      const pairs = make({ type: "array", items: pair }, index) as { question: string }[];
      expect(pairs.length).toBeGreaterThanOrEqual(2);
      expect(pairs.length).toBeLessThanOrEqual(5);
      expect(new Set(pairs.map(({ question }) => question)).size).toBe(pairs.length);
    }
  });
});
