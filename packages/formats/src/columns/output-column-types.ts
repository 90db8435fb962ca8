import { getCell, isRecord, type JsonSchema, type Output } from "@parallel-parrot/core";
import { DOUBLE, INT64, TEXT, type ColumnType, type ColumnTypes } from "./column-type.ts";

/** References that lead deeper than this are a schema that has itself in it. */
const MAX_DEPTH = 20;

/**
 * The types of the columns of an output, as its schema says: for a sink whose format has types. What the schema leaves
 * open is text.
 */
export function columnTypesOf({
  shape,
  columns,
  aboutAnswer = {},
}: Pick<Output, "shape" | "columns" | "aboutAnswer">): ColumnTypes {
  const root = shape.type === "json" ? shape.schema : undefined;
  const properties = root === undefined ? undefined : propertiesOf(root, columns);
  return new Map(
    columns.map((column) => {
      if (getCell(aboutAnswer, column) === "number") return [column, DOUBLE];
      const schema = properties?.[column];
      return [column, root !== undefined && isRecord(schema) ? typeOf(schema, root, 0) : TEXT];
    }),
  );
}

/** The properties of a row: those of the root, or of what lies in the only property of it. */
function propertiesOf(root: JsonSchema, columns: readonly string[]): JsonSchema | undefined {
  const own = root["properties"];
  if (!isRecord(own)) return undefined;
  const inner = Object.values(own).flatMap((schema) => {
    const parts = isRecord(schema) ? [schema["items"], schema] : [];
    return parts.flatMap((part) => (isRecord(part) ? resolve(part, root, 0)["properties"] : []));
  });
  const found = [own, ...inner].filter((properties) => isRecord(properties));
  return found.find((properties) => columns.some((column) => Object.hasOwn(properties, column)));
}

function typeOf(given: JsonSchema, root: JsonSchema, depth: number): ColumnType {
  if (depth > MAX_DEPTH) return TEXT;
  const schema = resolve(given, root, 0);
  const only = onlyAlternative(schema);
  if (only !== undefined) return typeOf(only, root, depth + 1);
  const inner = (part: JsonSchema): ColumnType => typeOf(part, root, depth + 1);
  switch (kindOf(schema)) {
    case "boolean":
      return { type: "boolean" };
    case "integer":
      return INT64;
    case "number":
      return DOUBLE;
    case "array": {
      const { items } = schema;
      return isRecord(items) && schema["prefixItems"] === undefined
        ? { type: "list", of: inner(items) }
        : TEXT;
    }
    case "object":
      return structOf(schema, inner);
    default:
      return TEXT;
  }
}

/** An object with these members and no others; any other is text. */
function structOf(schema: JsonSchema, inner: (part: JsonSchema) => ColumnType): ColumnType {
  const { properties, additionalProperties } = schema;
  if (additionalProperties !== false || !isRecord(properties)) return TEXT;
  const fields = new Map<string, ColumnType>();
  for (const [name, part] of Object.entries(properties))
    fields.set(name, isRecord(part) ? inner(part) : TEXT);
  return fields.size === 0 ? TEXT : { type: "struct", fields };
}

/** The one alternative besides null. */
function onlyAlternative({ anyOf, oneOf }: JsonSchema): JsonSchema | undefined {
  const alternatives = anyOf ?? oneOf;
  if (!Array.isArray(alternatives)) return undefined;
  const [first, ...others] = alternatives.filter(
    (each): each is JsonSchema => isRecord(each) && each["type"] !== "null",
  );
  return others.length === 0 ? first : undefined;
}

/** The one type besides null. */
function kindOf({ type, enum: values, const: value, anyOf, oneOf, allOf }: JsonSchema): unknown {
  if (anyOf !== undefined || oneOf !== undefined || allOf !== undefined) return undefined;
  if (type === undefined) {
    const all: readonly unknown[] = Array.isArray(values) ? values : value === undefined ? [] : [value];
    const kinds = new Set(all.filter((each) => each !== null).map((each) => kindOfValue(each)));
    return kinds.size === 1 ? [...kinds][0] : undefined;
  }
  if (!Array.isArray(type)) return type;
  const kinds = (type as readonly unknown[]).filter((each) => each !== "null");
  return kinds.length === 1 ? kinds[0] : undefined;
}

function kindOfValue(value: unknown): string {
  if (typeof value === "number") return Number.isSafeInteger(value) ? "integer" : "number";
  return typeof value;
}

function resolve(schema: JsonSchema, root: JsonSchema, depth: number): JsonSchema {
  const { $ref } = schema;
  if (typeof $ref !== "string" || !$ref.startsWith("#") || depth > MAX_DEPTH) return schema;
  let target: unknown = root;
  for (const part of $ref.slice(1).split("/").slice(1)) {
    const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    target = isRecord(target) && Object.hasOwn(target, key) ? target[key] : undefined;
  }
  return isRecord(target) ? resolve(target, root, depth + 1) : {};
}
