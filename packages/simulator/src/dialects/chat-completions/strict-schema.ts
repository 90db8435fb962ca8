import { isObject, type JsonObject } from "../../json-value.ts";

/** Keywords that strict mode refuses. Source: OpenAI, "Structured outputs", supported schemas. */
const FORBIDDEN = [
  "allOf",
  "oneOf",
  "not",
  "dependentRequired",
  "dependentSchemas",
  "if",
  "then",
  "else",
  "default",
  "minLength",
  "maxLength",
  "uniqueItems",
  "contains",
  "prefixItems",
  "minProperties",
  "maxProperties",
  "patternProperties",
  "propertyNames",
  "unevaluatedProperties",
];
const FORMATS = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "uuid",
]);

/** Says why OpenAI refuses a schema with `strict: true`; `undefined` if it accepts the schema. */
export function checkStrictSchema(schema: JsonObject): string | undefined {
  if (schema["type"] !== "object") {
    return `schema must be a JSON Schema of 'type: "object"', got 'type: ${JSON.stringify(schema["type"] ?? null)}'.`;
  }
  if (schema["anyOf"] !== undefined)
    return "schema must have type 'object' and not have 'anyOf' at the top level.";
  return checkNode(schema, []);
}

function checkNode(schema: unknown, path: readonly string[]): string | undefined {
  if (!isObject(schema)) return undefined;
  const context = `In context=(${path.map((key) => `'${key}'`).join(", ")}), `;
  const forbidden = FORBIDDEN.find((keyword) => schema[keyword] !== undefined);
  if (forbidden !== undefined) return `${context}'${forbidden}' is not permitted.`;
  const { format } = schema;
  if (typeof format === "string" && !FORMATS.has(format))
    return `${context}'${format}' is not a valid format.`;
  if ("$ref" in schema && Object.keys(schema).length > 1) return `${context}$ref cannot have other keywords.`;
  return checkObject(schema, context) ?? checkChildren(schema, path);
}

function checkObject(schema: JsonObject, context: string): string | undefined {
  const { properties, required } = schema;
  const types = [schema["type"]].flat();
  if (!types.includes("object") && !isObject(properties)) return undefined;
  if (schema["additionalProperties"] !== false)
    return `${context}'additionalProperties' is required to be supplied and to be false.`;
  const listed = new Set(Array.isArray(required) ? required : []);
  const unlisted = Object.keys(isObject(properties) ? properties : {}).find((key) => !listed.has(key));
  if (unlisted === undefined) return undefined;
  return (
    `${context}'required' is required to be supplied and to be an array including every key in properties. ` +
    `Missing '${unlisted}'.`
  );
}

function checkChildren(schema: JsonObject, path: readonly string[]): string | undefined {
  for (const keyword of ["properties", "$defs", "definitions"]) {
    const children = schema[keyword];
    if (!isObject(children)) continue;
    for (const [key, child] of Object.entries(children)) {
      const problem = checkNode(child, [...path, keyword, key]);
      if (problem !== undefined) return problem;
    }
  }
  for (const [index, child] of [schema["anyOf"] ?? []].flat().entries()) {
    const problem = checkNode(child, [...path, "anyOf", String(index)]);
    if (problem !== undefined) return problem;
  }
  return checkNode(schema["items"], [...path, "items"]);
}
