import { describe, expect, it } from "vitest";
import { fitSchema } from "./fit-schema.ts";
import { OPENAI_SCHEMAS } from "./schema-dialects.ts";
import { collectDefinitions } from "./schema-references.ts";

const text = { type: "string" };
const pet = (more: object = {}): object => ({
  type: "object",
  properties: { name: text, ...more },
  required: ["name", ...Object.keys(more)],
  additionalProperties: false,
});
const owner = (ref: string, more: object = {}): Record<string, unknown> => ({
  type: "object",
  properties: { pet: { $ref: ref } },
  required: ["pet"],
  additionalProperties: false,
  ...more,
});

describe("collectDefinitions", () => {
  it.each([
    [
      "a definition",
      owner("#/$defs/pet", { $defs: { pet: pet() } }),
      owner("#/$defs/pet", { $defs: { pet: pet() } }),
    ],
    [
      "an older one",
      owner("#/definitions/pet", { definitions: { pet: pet() } }),
      owner("#/$defs/pet", { $defs: { pet: pet() } }),
    ],
    [
      "definitions of both kinds",
      owner("#/definitions/pet", { definitions: { pet: pet() }, $defs: { pet: text } }),
      owner("#/$defs/pet_", { $defs: { pet: text, pet_: pet() } }),
    ],
    [
      "an anchor",
      owner("#animal", { $defs: { pet: { $anchor: "animal", ...pet() } } }),
      owner("#/$defs/animal", { $defs: { pet: pet(), animal: pet() } }),
    ],
    [
      "an anchor that refers to itself",
      owner("#animal", { $defs: { pet: { $anchor: "animal", ...pet({ friend: { $ref: "#animal" } }) } } }),
      owner("#/$defs/animal", {
        $defs: {
          pet: pet({ friend: { $ref: "#/$defs/animal" } }),
          animal: pet({ friend: { $ref: "#/$defs/animal" } }),
        },
      }),
    ],
    [
      "a part of the schema",
      { type: "object", properties: { a: text, b: { $ref: "#/properties/a" } } },
      { type: "object", properties: { a: text, b: { $ref: "#/$defs/a" } }, $defs: { a: text } },
    ],
    [
      "a definition inside a definition",
      owner("#/$defs/pet/$defs/name", { $defs: { pet: { ...pet(), $defs: { name: text } } } }),
      owner("#/$defs/name", { $defs: { pet: pet(), name: text } }),
    ],
    ["the schema itself", owner("#"), owner("#")],
    [
      "data that looks like one",
      { enum: [{ $ref: "#/x", $anchor: "y" }] },
      { enum: [{ $ref: "#/x", $anchor: "y" }] },
    ],
  ])("collectDefinitions rewrites a reference to %s as one to a definition", (_, schema, expected) => {
    expect(collectDefinitions(schema)).toEqual(expected);
  });

  it.each(["https://example.org/pet", "#/$defs/none", "#none", "#/required/0"])(
    "collectDefinitions refuses a reference to %s",
    (ref) => {
      expect(() => collectDefinitions(owner(ref))).toThrow(/refers to what is no definition/);
      expect(fitSchema(owner(ref), OPENAI_SCHEMAS)).toBeUndefined();
    },
  );

  it("collectDefinitions leaves neither an anchor nor an unsupported reference for strict mode", () => {
    const schema = owner("#animal", { $defs: { pet: { $anchor: "animal", ...pet() } } });
    expect(fitSchema(schema, OPENAI_SCHEMAS)).toEqual(
      owner("#/$defs/animal", { $defs: { pet: pet(), animal: pet() } }),
    );
  });
});
