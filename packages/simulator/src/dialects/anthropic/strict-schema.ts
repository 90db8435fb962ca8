import { asText, isObject, type JsonObject } from "../../json-value.ts";

/** Keywords that the API refuses, by the type of schema that they belong to. */
const UNSUPPORTED: Readonly<Record<string, readonly string[]>> = {
  integer: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  string: ["minLength", "maxLength", "pattern"],
  array: ["maxItems", "uniqueItems", "contains"],
  object: ["minProperties", "maxProperties", "patternProperties", "propertyNames"],
};

/** Says why the API refuses a schema for structured output; `undefined` if it accepts the schema. */
export function checkAnthropicSchema(schema: unknown): string | undefined {
  if (!isObject(schema)) return undefined;
  const types = [schema["type"] ?? []].flat().map(asText);
  return (
    types.map((type) => checkKeywords(schema, type)).find((problem) => problem !== undefined) ??
    childrenOf(schema)
      .map(checkAnthropicSchema)
      .find((problem) => problem !== undefined)
  );
}

function checkKeywords(schema: JsonObject, type: string): string | undefined {
  if (type === "object" && schema["additionalProperties"] !== false)
    return "For 'object' type, 'additionalProperties' must be explicitly set to false";
  const keyword = UNSUPPORTED[type]?.find((name) => schema[name] !== undefined);
  if (keyword !== undefined) return `For '${type}' type, property '${keyword}' is not supported`;
  const { minItems } = schema;
  if (type === "array" && typeof minItems === "number" && minItems > 1)
    return `For 'array' type, 'minItems' values other than 0 or 1 are not supported`;
  return schema["oneOf"] === undefined ? undefined : "Schema type 'oneOf' is not supported";
}

function childrenOf(schema: JsonObject): readonly unknown[] {
  const named = ["properties", "$defs", "definitions"].flatMap((keyword) => {
    const children = schema[keyword];
    return isObject(children) ? Object.values(children) : [];
  });
  return [...named, ...["items", "anyOf", "allOf"].flatMap((keyword) => schema[keyword] ?? [])];
}
