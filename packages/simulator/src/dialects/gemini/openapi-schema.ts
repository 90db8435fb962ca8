import { isObject, type JsonObject } from "../../json-value.ts";

/** A JSON Schema out of Google's subset of OpenAPI 3.0, with its types in capitals and `nullable`. */
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
  // Bounds of counts are 64-bit numbers, which Google writes as texts.
  if (typeof value === "string" && /^(?:min|max)[A-Z]/.test(keyword)) return Number(value);
  return keyword === "properties" && isObject(value) ? convertProperties(value) : value;
}

function convertProperties(properties: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [key, fromOpenapiSchema(value)]),
  );
}
