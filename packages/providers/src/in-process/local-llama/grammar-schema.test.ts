import { describe, expect, it } from "vitest";
import { grammarSchemaOf } from "./grammar-schema.ts";

const object = (properties: Record<string, unknown>, required = Object.keys(properties)) => ({
  type: "object",
  properties,
  required,
});

describe("grammarSchemaOf", () => {
  it("grammarSchemaOf writes a whole number of few values as choices, as a grammar has no bounds", () => {
    const stars = { type: "integer", minimum: 1, maximum: 3 };
    expect(grammarSchemaOf(object({ stars }))).toMatchObject({ properties: { stars: { enum: [1, 2, 3] } } });
    const year = { type: "integer", minimum: 1900, maximum: 2100 };
    expect(grammarSchemaOf(object({ year }))).toMatchObject({ properties: { year: { type: "integer" } } });
  });

  it("grammarSchemaOf lets a property that is not required be null, in lists and alternatives too", () => {
    const item = object({ note: { type: "string", maxLength: 5 } }, []);
    const schema = object({ list: { type: "array", items: item, minItems: 1, maxItems: 2 } });
    expect(grammarSchemaOf(schema)).toMatchObject({
      properties: {
        list: {
          minItems: 1,
          maxItems: 2,
          items: {
            properties: { note: { oneOf: [{ type: "string", maxLength: 5 }, { type: "null" }] } },
            additionalProperties: false,
          },
        },
      },
    });
  });

  it("grammarSchemaOf has no form for a schema that no grammar can be made of", () => {
    expect(grammarSchemaOf(object({ any: {} }))).toBeUndefined();
  });
});
