import { type JsonSchema, isRecord } from "@parallel-parrot/core";
import { BOUNDS } from "./schema-bounds.ts";
import { isRecursive, collectDefinitions, UNRESOLVABLE } from "./schema-references.ts";

/** The part of JSON Schema that an API's structured output supports. */
export interface SchemaDialect {
  /** Keywords it enforces, besides `type`, `properties`, `items`, `required`, `enum`, `title` and `description`. */
  readonly keywords: ReadonlySet<string>;
  /** Formats of strings it enforces; absent if it accepts any. */
  readonly formats?: ReadonlySet<string>;
  /** The largest `minItems` it enforces; absent if it accepts any. */
  readonly largestMinItems?: number;
  /** Whether `additionalProperties` of every object must be false, so that objects with free keys are not supported. */
  readonly closesObjects: boolean;
  /** Whether a schema may refer to itself. */
  readonly takesRecursion: boolean;
  /** Whether an object must have a required property. */
  readonly needsRequired?: boolean;
  /**
   * Whether every property must be required. An optional property then becomes one that may be null, no keyword may
   * stand beside `$ref`, and the root may not have alternatives.
   */
  readonly requiresAll?: boolean;
}

const COMMON = new Set(["type", "properties", "items", "required", "enum", "title", "description"]);
/** Keywords without which a schema has another meaning. A keyword that is in no list is an annotation. */
const STRUCTURE = new Set([
  "$ref",
  "$dynamicRef",
  "additionalItems",
  "additionalProperties",
  "allOf",
  "anyOf",
  "const",
  "contains",
  "dependentRequired",
  "dependentSchemas",
  "else",
  "if",
  "not",
  "oneOf",
  "patternProperties",
  "prefixItems",
  "propertyNames",
  "then",
  "unevaluatedItems",
  "unevaluatedProperties",
]);
const LISTS_OF_SCHEMAS = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const MAPS_OF_SCHEMAS = new Set(["$defs", "properties"]);
const SCHEMAS = new Set(["additionalProperties", "items"]);

/**
 * Converts a schema to the form that an API's structured output supports; `undefined` if there is none. The result
 * allows whatever the given schema allows, except that objects are closed if the API demands it. Bounds that the API
 * does not enforce move into descriptions: answers are checked against the full schema when they are parsed.
 */
export function fitSchema(schema: JsonSchema, dialect: SchemaDialect): JsonSchema | undefined {
  // A run has one schema and many requests, so the result is kept.
  let forms = fittedForms.get(schema);
  if (forms === undefined) fittedForms.set(schema, (forms = new Map()));
  if (!forms.has(dialect)) forms.set(dialect, makeFit(schema, dialect));
  return forms.get(dialect);
}

const fittedForms = new WeakMap<JsonSchema, Map<SchemaDialect, JsonSchema | undefined>>();
const UNFIT = new Error("The schema has no form in this dialect");

function makeFit(schema: JsonSchema, dialect: SchemaDialect): JsonSchema | undefined {
  try {
    const renamed = collectDefinitions(schema);
    if (renamed["type"] !== "object" || (!dialect.takesRecursion && isRecursive(renamed))) return undefined;
    if (dialect.requiresAll === true && ("anyOf" in renamed || "oneOf" in renamed)) return undefined;
    return fit(renamed, dialect);
  } catch (error) {
    if (error === UNFIT || error === UNRESOLVABLE) return undefined;
    throw error;
  }
}

function fit(given: unknown, dialect: SchemaDialect): JsonSchema {
  // `true` and `{}` allow any value, and no API can enforce that.
  if (!isRecord(given) || Object.keys(given).length === 0) throw UNFIT;
  const result: Record<string, unknown> = {};
  const told: string[] = [];
  for (const [keyword, value] of Object.entries(inWords(given, dialect))) {
    if (isEnforced(keyword, value, dialect)) result[keyword] = fitValue(keyword, value, dialect);
    else if (BOUNDS.has(keyword)) told.push(`${keyword}: ${JSON.stringify(value)}`);
    else if (STRUCTURE.has(keyword)) throw UNFIT;
  }
  if (told.length > 0) {
    const description = typeof given["description"] === "string" ? `${given["description"]} ` : "";
    result["description"] = `${description}(${told.join(", ")})`;
  }
  if (dialect.requiresAll === true && "$ref" in result) return aloneReference(result);
  return isObjectSchema(given) ? fitObject(result, dialect) : result;
}

function aloneReference({
  $ref,
  title: _title,
  description: _description,
  ...others
}: JsonSchema): JsonSchema {
  if (Object.keys(others).length > 0) throw UNFIT;
  return { $ref };
}

/** The same schema, written with the keywords that the dialect has. */
function inWords(schema: JsonSchema, { keywords }: SchemaDialect): JsonSchema {
  const result: Record<string, unknown> = { ...schema };
  if ("const" in result && !keywords.has("const")) {
    result["enum"] = [result["const"]];
    delete result["const"];
  }
  // The parser will refuse an answer that matches several alternatives.
  if ("oneOf" in result && !("anyOf" in result) && !keywords.has("oneOf")) {
    result["anyOf"] = result["oneOf"];
    delete result["oneOf"];
  }
  // An API without this keyword closes all objects anyway.
  if (result["additionalProperties"] === false && !keywords.has("additionalProperties"))
    delete result["additionalProperties"];
  return result;
}

function isEnforced(keyword: string, value: unknown, dialect: SchemaDialect): boolean {
  const { keywords, formats, largestMinItems = Infinity } = dialect;
  if (keyword === "format" && formats !== undefined) return typeof value === "string" && formats.has(value);
  if (keyword === "minItems" && !(Number(value) <= largestMinItems)) return false;
  return COMMON.has(keyword) || keywords.has(keyword);
}

function fitValue(keyword: string, value: unknown, dialect: SchemaDialect): unknown {
  if (keyword === "additionalProperties" && typeof value === "boolean") return value;
  if (SCHEMAS.has(keyword)) return fit(value, dialect);
  if (LISTS_OF_SCHEMAS.has(keyword) && Array.isArray(value)) return value.map((each) => fit(each, dialect));
  if (MAPS_OF_SCHEMAS.has(keyword) && isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fit(each, dialect)]));
  }
  return value;
}

function fitObject(schema: JsonSchema, dialect: SchemaDialect): JsonSchema {
  const { required } = schema;
  if (dialect.needsRequired === true && !(Array.isArray(required) && required.length > 0)) throw UNFIT;
  if (!dialect.closesObjects) return schema;
  const { properties } = schema;
  if (!isRecord(properties)) throw UNFIT;
  return {
    ...schema,
    ...(dialect.requiresAll === true ? requireAll(properties, required) : {}),
    additionalProperties: false,
  };
}

function requireAll(properties: JsonSchema, required: unknown): JsonSchema {
  const needed = new Set(Array.isArray(required) ? required : []);
  const all = Object.entries(properties).map(([key, value]) => [
    key,
    needed.has(key) ? value : nullable(value),
  ]);
  return { properties: Object.fromEntries(all), required: Object.keys(properties) };
}

function nullable(schema: unknown): unknown {
  const { type } = isRecord(schema) ? schema : {};
  if (type === "null" || (Array.isArray(type) && type.includes("null"))) return schema;
  return { anyOf: [schema, { type: "null" }] };
}

function isObjectSchema({ type, properties }: JsonSchema): boolean {
  return type === "object" || (Array.isArray(type) && type.includes("object")) || properties !== undefined;
}
