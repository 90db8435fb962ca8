import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { wrapList, wrapOne } from "./wrap-schema.ts";

const allows = (schema: object, value: unknown): boolean =>
  new Ajv2020({ strict: false }).validate(schema, value);

describe("wrapList and wrapOne", () => {
  it("wrapList and wrapOne put a schema inside another", () => {
    const schema = { type: "object", properties: {} };
    const around = { type: "object", required: ["x"], additionalProperties: false };
    expect(wrapList(schema, "x")).toEqual({ ...around, properties: { x: { type: "array", items: schema } } });
    expect(wrapOne(schema, "x")).toEqual({ ...around, properties: { x: schema } });
  });

  it.each([
    ["itself", { $ref: "#" }, {}],
    ["a part of itself", { items: { $ref: "#/properties/name" } }, {}],
    ["a definition", { $ref: "#/$defs/pet" }, { $defs: { pet: { type: "object", required: ["name"] } } }],
    [
      "an older definition",
      { $ref: "#/definitions/pet" },
      { definitions: { pet: { type: "object", required: ["name"] } } },
    ],
    [
      "a definition that refers back",
      { $ref: "#/$defs/item" },
      { $defs: { item: { allOf: [{ $ref: "#" }] } } },
    ],
  ])("wrapList and wrapOne keep the meaning of a reference to %s", (_, friend, definitions) => {
    const schema = {
      $id: "https://example.org/pet",
      type: "object",
      properties: { name: { type: "string" }, friend },
      required: ["name"],
      ...definitions,
    };
    const samples = [
      { name: "Mia" },
      { name: "Mia", friend: { name: "Tom" } },
      { name: "Mia", friend: { other: "Tom" } },
      { name: "Mia", friend: ["Tom"] },
      { name: "Mia", friend: [1] },
      { friend: { name: "Tom" } },
    ];
    const verdicts = samples.map((sample) => allows(schema, sample));
    expect(new Set(verdicts)).toEqual(new Set([true, false]));
    expect(samples.map((sample) => allows(wrapList(schema, "x"), { x: [sample] }))).toEqual(verdicts);
    expect(samples.map((sample) => allows(wrapOne(schema, "x"), { x: sample }))).toEqual(verdicts);
  });
});
