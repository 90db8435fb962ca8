import type { JsonSchema } from "@parallel-parrot/core";

/** Keywords that OpenAI's strict mode does not take; a schema with one of them is sent without `strict`. */
const UNSUPPORTED = [
  "allOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
  "dependentRequired",
  "dependentSchemas",
  "patternProperties",
  "propertyNames",
  "unevaluatedProperties",
  "contains",
  "prefixItems",
  "uniqueItems",
];

/**
 * A JSON Schema in the form that strict structured output takes: every object closed, every property
 * required, what was optional made nullable. `undefined` where the schema cannot be put so, for instance
 * because it allows free keys.
 *
 * Source: OpenAI, "Structured outputs", supported schemas.
 */
export function toStrictSchema(schema: JsonSchema): JsonSchema | undefined {
  // A run has one schema and many requests.
  if (!strictForms.has(schema)) strictForms.set(schema, makeStrict(schema));
  return strictForms.get(schema);
}

const strictForms = new WeakMap<JsonSchema, JsonSchema | undefined>();

function makeStrict(schema: JsonSchema): JsonSchema | undefined {
  const { $schema: _dialect, ...rest } = schema;
  try {
    return rest["type"] === "object" && rest["anyOf"] === undefined ? strict(rest) : undefined;
  } catch (error) {
    if (error === NOT_STRICT) return undefined;
    throw error;
  }
}

const NOT_STRICT = new Error("The schema has no strict form");

function strict(schema: JsonSchema): JsonSchema {
  if (UNSUPPORTED.some((keyword) => keyword in schema)) throw NOT_STRICT;
  const result: Record<string, unknown> = { ...schema };
  // A default makes no sense where every property is always given, and strict mode refuses it.
  delete result["default"];
  for (const keyword of ["$defs", "definitions"]) {
    if (isSchema(schema[keyword])) result[keyword] = mapValues(schema[keyword], strictOf);
  }
  if (Array.isArray(schema["anyOf"])) result["anyOf"] = schema["anyOf"].map(strictOf);
  if ("items" in schema) result["items"] = strictOf(schema["items"]);
  if (isObjectSchema(schema)) Object.assign(result, strictObject(schema));
  return result;
}

function strictObject(schema: JsonSchema): JsonSchema {
  const { properties, required, additionalProperties } = schema;
  const isFree = additionalProperties === true || isSchema(additionalProperties);
  if (!isSchema(properties) || isFree) throw NOT_STRICT;
  const needed = new Set(Array.isArray(required) ? required : []);
  return {
    properties: mapValues(properties, (property, key) =>
      needed.has(key) ? strictOf(property) : nullable(strictOf(property)),
    ),
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

function strictOf(schema: unknown): JsonSchema {
  // `true` and `{}` allow anything, which strict mode cannot say.
  if (!isSchema(schema) || Object.keys(schema).length === 0) throw NOT_STRICT;
  return strict(schema);
}

function nullable(schema: JsonSchema): JsonSchema {
  const { type } = schema;
  if (type === "null" || (Array.isArray(type) && type.includes("null"))) return schema;
  return { anyOf: [schema, { type: "null" }] };
}

function isObjectSchema(schema: JsonSchema): boolean {
  const { type } = schema;
  return type === "object" || (Array.isArray(type) && type.includes("object")) || "properties" in schema;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mapValues(object: JsonSchema, map: (value: unknown, key: string) => unknown): JsonSchema {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}
