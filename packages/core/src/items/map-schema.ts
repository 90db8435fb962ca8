import { isRecord } from "../cells/is-object.ts";
import type { JsonSchema } from "./output.ts";

/** Keywords whose value is a schema, or a list of them. */
const SCHEMAS: ReadonlySet<string> = new Set([
  "additionalItems",
  "additionalProperties",
  "allOf",
  "anyOf",
  "contains",
  "contentSchema",
  "else",
  "if",
  "items",
  "not",
  "oneOf",
  "prefixItems",
  "propertyNames",
  "then",
  "unevaluatedItems",
  "unevaluatedProperties",
]);

/** Keywords whose value has schemas by names. */
const NAMED: ReadonlySet<string> = new Set([
  "$defs",
  "definitions",
  "dependencies",
  "dependentSchemas",
  "patternProperties",
  "properties",
]);

/** Where a schema stands inside another: a JSON pointer, empty for the whole. */
type Pointer = string;

/** A copy of a schema in which each schema, inner ones first, is what `change` makes of it. */
export function mapSchema(
  schema: JsonSchema,
  change: (schema: JsonSchema, at: Pointer) => JsonSchema,
  at: Pointer = "",
): JsonSchema {
  const inner = (value: unknown, at: Pointer): unknown => {
    if (Array.isArray(value)) return value.map((each, i) => inner(each, `${at}/${i}`));
    return isRecord(value) ? mapSchema(value, change, at) : value;
  };
  const entries = Object.entries(schema).map(([keyword, value]) => {
    const place = `${at}/${escapePointer(keyword)}`;
    if (SCHEMAS.has(keyword)) return [keyword, inner(value, place)];
    if (!NAMED.has(keyword) || !isRecord(value)) return [keyword, value];
    const named = Object.entries(value).map(([name, each]) => [
      name,
      inner(each, `${place}/${escapePointer(name)}`),
    ]);
    return [keyword, Object.fromEntries(named)];
  });
  return change(Object.fromEntries(entries) as JsonSchema, at);
}

function escapePointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
