import { isObject, type JsonObject } from "../../json-value.ts";

/** Converts a schema of Google's subset of OpenAPI 3.0 to JSON Schema. It has `nullable`, and types in upper case. */
export function fromOpenapiSchema(schema: unknown): unknown {
  if (!isObject(schema)) return schema;
  const { nullable, type, ...rest } = schema;
  const name = typeof type === "string" ? type.toLowerCase() : type;
  return {
    ...(name !== undefined && { type: nullable === true ? [name, "null"] : name }),
    ...Object.fromEntries(Object.entries(rest).map(([keyword, value]) => [keyword, convert(keyword, value)])),
  };
}

function convert(keyword: string, value: unknown): unknown {
  if (keyword === "items") return fromOpenapiSchema(value);
  if (keyword === "anyOf" && Array.isArray(value)) return value.map(fromOpenapiSchema);
  // Google writes 64-bit numbers as texts, such as the bounds of lengths.
  if (typeof value === "string" && /^(?:min|max)[A-Z]/.test(keyword)) return Number(value);
  return keyword === "properties" && isObject(value) ? convertProperties(value) : value;
}

function convertProperties(properties: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [key, fromOpenapiSchema(value)]),
  );
}
