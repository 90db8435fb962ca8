import type { JsonSchema } from "@parallel-parrot/core";
import { describe, expect, it } from "vitest";
import { objectOf } from "../output/object-of.ts";

describe("a schema with references", () => {
  it.each<[string, JsonSchema]>([
    ["itself", { $ref: "#" }],
    [
      "another one that refers back",
      { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } } },
    ],
    [
      "one of its own alternatives",
      {
        type: "object",
        properties: { a: { $ref: "#/$defs/a" } },
        $defs: { a: { anyOf: [{ type: "null" }, { $ref: "#/$defs/a" }] } },
      },
    ],
    ["what it is not", { type: "object", not: { $ref: "#" } }],
    [
      "a circle of alternatives",
      {
        type: "object",
        properties: { x: { items: { oneOf: [{ $ref: "#/$defs/a" }] } } },
        $defs: { a: { allOf: [{ $ref: "#/$defs/b" }] }, b: { if: { $ref: "#/$defs/a" } } },
      },
    ],
  ])("a schema with references is refused where it describes a value by %s", (_, schema) => {
    expect(() => objectOf(schema)).toThrow(
      /Cannot use the JSON Schema: its reference ".*" leads straight back to itself/,
    );
  });

  it.each<[string, JsonSchema]>([
    [
      "a tree",
      {
        type: "object",
        properties: { name: { type: "string" }, children: { type: "array", items: { $ref: "#" } } },
      },
    ],
    ["a chain", { type: "object", properties: { next: { anyOf: [{ $ref: "#" }, { type: "null" }] } } }],
    [
      "one definition twice",
      {
        type: "object",
        properties: {
          a: { $ref: "#/$defs/a" },
          b: { anyOf: [{ $ref: "#/$defs/a" }, { $ref: "#/$defs/a" }] },
        },
        $defs: { a: { type: "string" } },
      },
    ],
    [
      "properties that are called like keywords",
      { type: "object", properties: { not: { type: "string" }, if: { type: "string" } } },
    ],
  ])("a schema with references is taken where it is %s", (_, schema) => {
    expect(() => objectOf(schema)).not.toThrow();
  });

  it("a schema is refused where its references are nested too deeply or too long", () => {
    let deep: JsonSchema = { type: "string" };
    for (let level = 0; level < 3000; level++) deep = { type: "object", properties: { a: deep } };
    expect(() => objectOf(deep)).toThrow(/nested deeper than 200 levels/);
    const long = { type: "object", properties: {}, description: "x".repeat(2 ** 20) };
    expect(() => objectOf(long)).toThrow(/the most is 1048576/);
  });
});
