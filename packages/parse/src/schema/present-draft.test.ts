import type { Choice, JsonSchema } from "@parallel-parrot/core";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { listOf, objectOf } from "../index.ts";
import { toPresentDraft } from "./present-draft.ts";

const stop = (value: unknown): Choice => ({ text: JSON.stringify(value), finishReason: "stop" });
const DRAFT_4 = "http://json-schema.org/draft-04/schema#";
const DRAFT_6 = "http://json-schema.org/draft-06/schema#";
const DRAFT_7 = "http://json-schema.org/draft-07/schema#";
const DRAFT_2019 = "https://json-schema.org/draft/2019-09/schema";

describe("toPresentDraft", () => {
  it.each<[string, JsonSchema, JsonSchema]>([
    [
      "places in a list",
      { $schema: DRAFT_7, items: [{ type: "string" }, { type: "integer" }], additionalItems: false },
      { prefixItems: [{ type: "string" }, { type: "integer" }], items: false },
    ],
    ["places in a list, and any rest", { items: [{}] }, { prefixItems: [{}] }],
    ["no places", { items: [], additionalItems: { type: "string" } }, { items: { type: "string" } }],
    ["exclusive bounds", { $schema: DRAFT_4, minimum: 0, exclusiveMinimum: true }, { exclusiveMinimum: 0 }],
    ["inclusive bounds", { $schema: DRAFT_4, maximum: 5, exclusiveMaximum: false }, { maximum: 5 }],
    ["bounds of now", { minimum: 0, exclusiveMaximum: 5 }, { minimum: 0, exclusiveMaximum: 5 }],
    [
      "dependencies",
      { dependencies: { a: ["b"], c: { required: ["d"] } } },
      { dependentRequired: { a: ["b"] }, dependentSchemas: { c: { required: ["d"] } } },
    ],
    [
      "what stands beside a reference, which did not count",
      { $schema: DRAFT_7, properties: { a: { $ref: "#/definitions/x", maxLength: 3, title: "A" } } },
      { properties: { a: { $ref: "#/definitions/x", title: "A" } } },
    ],
    [
      "what stands beside a reference, which counts now",
      { $schema: DRAFT_2019, properties: { a: { $ref: "#/$defs/x", maxLength: 3 } } },
      { properties: { a: { $ref: "#/$defs/x", maxLength: 3 } } },
    ],
    [
      "anchors",
      { properties: { a: { $ref: "#pet" } }, $defs: { "x/y": { $anchor: "pet", type: "string" } } },
      { properties: { a: { $ref: "#/$defs/x~1y" } }, $defs: { "x/y": { type: "string" } } },
    ],
    [
      "anchors of draft 7",
      { properties: { a: { $ref: "#pet" } }, definitions: { x: { $id: "#pet", type: "string" } } },
      { properties: { a: { $ref: "#/definitions/x" } }, definitions: { x: { type: "string" } } },
    ],
    [
      "anchors of draft 4",
      {
        $schema: DRAFT_4,
        id: "https://a.example/",
        properties: { a: { $ref: "#pet" } },
        definitions: { x: { id: "#pet" } },
      },
      { properties: { a: { $ref: "#/definitions/x" } }, definitions: { x: {} } },
    ],
    [
      "names and data that look like words",
      { properties: { items: { enum: [{ items: [] }] }, exclusiveMinimum: { const: { dependencies: {} } } } },
      { properties: { items: { enum: [{ items: [] }] }, exclusiveMinimum: { const: { dependencies: {} } } } },
    ],
  ])("toPresentDraft says %s in the words of draft 2020-12", (_, old, present) => {
    const copy = structuredClone(old);
    expect(toPresentDraft(old)).toEqual(present);
    expect(old).toEqual(copy);
  });

  it.each([
    DRAFT_4,
    DRAFT_6,
    DRAFT_7,
    DRAFT_7.replace("#", ""),
    DRAFT_7.replace("http:", "https:"),
    DRAFT_2019,
  ])("toPresentDraft knows the draft %s", ($schema) => {
    expect(toPresentDraft({ $schema, type: "object" })).toEqual({ type: "object" });
  });

  it("toPresentDraft makes a schema that allows the same as the older draft did", () => {
    const { $schema: _, ...schema } = {
      $schema: DRAFT_7,
      type: "object",
      properties: {
        pair: {
          type: "array",
          items: [{ type: "string" }, { type: "integer" }],
          additionalItems: { type: "null" },
        },
        age: { type: "number", exclusiveMinimum: 0 },
        pet: { $ref: "#/definitions/pet" },
      },
      dependencies: { pet: ["age"], age: { required: ["pair"] } },
      definitions: { pet: { type: "object", properties: { name: { type: "string" } }, required: ["name"] } },
    };
    const old = new Ajv({ strict: false });
    const present = new Ajv2020({ strict: false });
    const pairs = [["a", 1], ["a", 1, null], ["a", 1, 2], [1, "a"], [], "x"];
    const samples = pairs.flatMap((pair) =>
      [0, 1, undefined].flatMap((age) => [{ name: "Mia" }, {}, undefined].map((pet) => ({ pair, age, pet }))),
    );
    const bare = samples.map((sample) => JSON.parse(JSON.stringify(sample)) as unknown);
    const verdicts = bare.map((sample) => old.validate(schema, sample));
    expect(new Set(verdicts)).toEqual(new Set([true, false]));
    expect(bare.map((sample) => present.validate(toPresentDraft(schema), sample))).toEqual(verdicts);
  });
});

describe("a JSON Schema of an older draft", () => {
  const point = {
    $schema: DRAFT_7,
    type: "object",
    properties: { at: { type: "array", items: [{ type: "number" }, { enum: ["N", "S"] }] } },
    required: ["at"],
  };

  it("a JSON Schema of an older draft is read and asked for in the words of 2020-12", () => {
    const output = listOf(point);
    expect(output.read(stop([{ at: [1, "n"] }]))).toMatchObject({ ok: true, outputs: [{ at: [1, "N"] }] });
    expect(output.read(stop([{ at: ["x", "N"] }]))).toMatchObject({ ok: false });
    expect(JSON.stringify(output.shape)).toContain('"prefixItems":[{"type":"number"}');
    expect(JSON.stringify(output.shape)).not.toContain("draft-07");
  });

  it("a JSON Schema may bound numbers as draft 4 did", () => {
    const output = objectOf({
      $schema: DRAFT_4,
      type: "object",
      properties: { n: { type: "number", minimum: 0, exclusiveMinimum: true } },
    });
    expect(output.read(stop({ n: 1 }))).toMatchObject({ ok: true });
    expect(output.read(stop({ n: 0 }))).toMatchObject({ ok: false });
  });

  it.each(["http://json-schema.org/draft-03/schema#", "https://example.org/my-dialect", 7])(
    "a JSON Schema of an unknown draft is refused by the draft's name: %j",
    ($schema) => {
      expect(() => objectOf({ $schema, type: "object" })).toThrow(
        expect.objectContaining({
          code: "INVALID_OPTION",
          option: "spec",
          message: expect.stringContaining(`its draft is ${JSON.stringify(String($schema))}`) as string,
        }) as Error,
      );
    },
  );
});
