import type { JsonSchema } from "@parallel-parrot/core";
import { BOUNDS } from "./schema-bounds.ts";

/** What an API's structured output understands of JSON Schema. */
export interface SchemaDialect {
  /** Keywords it enforces, beside `type`, `properties`, `items`, `required`, `enum`, `title` and `description`. */
  readonly keywords: ReadonlySet<string>;
  /** Formats of strings it enforces; absent where it takes any. */
  readonly formats?: ReadonlySet<string>;
  /** The largest `minItems` it enforces; absent where it takes any. */
  readonly largestMinItems?: number;
  /** Whether every object must be closed: objects with free keys are then beyond it. */
  readonly closesObjects: boolean;
  /** Whether a schema may refer to itself. */
  readonly takesRecursion: boolean;
  /** Whether an object must have a required property. */
  readonly needsRequired?: boolean;
}

const COMMON = new Set(["type", "properties", "items", "required", "enum", "title", "description"]);
/** Keywords that a schema means something else without. Whatever is in no list is an annotation. */
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
 * A schema in the form that an API's structured output takes. It allows no less than the given one, save that
 * objects are closed where the API wants that: what it cannot enforce is told in descriptions, and answers are
 * checked against the full schema when they are parsed. `undefined` where the API has no form for it.
 */
export function fitSchema(schema: JsonSchema, dialect: SchemaDialect): JsonSchema | undefined {
  // A run has one schema and many requests.
  let forms = fittedForms.get(schema);
  if (forms === undefined) fittedForms.set(schema, (forms = new Map()));
  if (!forms.has(dialect)) forms.set(dialect, makeFit(schema, dialect));
  return forms.get(dialect);
}

const fittedForms = new WeakMap<JsonSchema, Map<SchemaDialect, JsonSchema | undefined>>();
const UNFIT = new Error("The schema has no form in this dialect");

function makeFit(schema: JsonSchema, dialect: SchemaDialect): JsonSchema | undefined {
  try {
    const renamed = renameDefinitions(schema);
    if (renamed["type"] !== "object" || (!dialect.takesRecursion && isRecursive(renamed))) return undefined;
    return fit(renamed, dialect);
  } catch (error) {
    if (error === UNFIT) return undefined;
    throw error;
  }
}

function fit(given: unknown, dialect: SchemaDialect): JsonSchema {
  // `true` and `{}` allow anything, which no API can hold a model to.
  if (!isSchema(given) || Object.keys(given).length === 0) throw UNFIT;
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
  return isObjectSchema(given) ? fitObject(result, dialect) : result;
}

/** The same schema said with the keywords that the dialect has. */
function inWords(schema: JsonSchema, { keywords }: SchemaDialect): JsonSchema {
  const result: Record<string, unknown> = { ...schema };
  if ("const" in result && !keywords.has("const")) {
    result["enum"] = [result["const"]];
    delete result["const"];
  }
  // An answer that fits several alternatives is for the parser to refuse.
  if ("oneOf" in result && !("anyOf" in result) && !keywords.has("oneOf")) {
    result["anyOf"] = result["oneOf"];
    delete result["oneOf"];
  }
  // Where there is no word for it, objects are closed anyway.
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
  if (MAPS_OF_SCHEMAS.has(keyword) && isSchema(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fit(each, dialect)]));
  }
  return value;
}

function fitObject(schema: JsonSchema, dialect: SchemaDialect): JsonSchema {
  const { required } = schema;
  if (dialect.needsRequired === true && !(Array.isArray(required) && required.length > 0)) throw UNFIT;
  if (!dialect.closesObjects) return schema;
  if (!("properties" in schema)) throw UNFIT;
  return { ...schema, additionalProperties: false };
}

function isObjectSchema({ type, properties }: JsonSchema): boolean {
  return type === "object" || (Array.isArray(type) && type.includes("object")) || properties !== undefined;
}

/** `definitions` is what drafts before 2019-09 call `$defs`. */
function renameDefinitions(schema: JsonSchema): JsonSchema {
  if (!("definitions" in schema) || "$defs" in schema) return schema;
  const { definitions, ...rest } = schema;
  const renamed: unknown = JSON.parse(
    JSON.stringify({ ...rest, $defs: definitions }).replaceAll('"$ref":"#/definitions/', '"$ref":"#/$defs/'),
  );
  return isSchema(renamed) ? renamed : schema;
}

function isRecursive(root: JsonSchema): boolean {
  const finished = new Set<string>();
  const visit = (node: unknown, open: ReadonlySet<string>): boolean => {
    if (Array.isArray(node)) return node.some((each) => visit(each, open));
    if (!isSchema(node)) return false;
    const { $ref, $defs: _definitions, ...rest } = node;
    if (typeof $ref === "string" && !finished.has($ref)) {
      if ($ref === "#" || open.has($ref) || visit(resolve(root, $ref), new Set([...open, $ref]))) return true;
      finished.add($ref);
    }
    return Object.values(rest).some((each) => visit(each, open));
  };
  return visit(root, new Set());
}

/** Only definitions of the same document: no API fetches others. */
function resolve(root: JsonSchema, reference: string): unknown {
  const name = /^#\/\$defs\/([^/]+)$/.exec(reference)?.[1];
  const definitions = root["$defs"];
  if (name === undefined || !isSchema(definitions)) throw UNFIT;
  return definitions[name.replaceAll("~1", "/").replaceAll("~0", "~")];
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
