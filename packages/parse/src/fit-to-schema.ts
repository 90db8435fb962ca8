import { getCell, setCell, type JsonSchema, type Row } from "@parallel-parrot/core";
import {
  allowsNull,
  isObject,
  keywordOf,
  propertiesOf,
  resolve,
  schemasOf,
  typesOf,
} from "./schema-parts.ts";

/**
 * Undoes in place what providers do to an answer under a schema: a null for a property that is optional and
 * not nullable is removed, and an enum value in other capitalisation gets its own. Gives the value.
 */
export function fitToSchema(value: unknown, schema: JsonSchema): unknown {
  return fit(value, schema, schema, 0);
}

/** Unions and references do not go deeper into the value: this bounds a schema that refers to itself. */
const MAX_HOPS = 16;

function fit(value: unknown, schema: unknown, root: JsonSchema, hops: number): unknown {
  if (!isObject(schema) || hops > MAX_HOPS) return value;
  const resolved = resolve(schema, root);
  let fitted = value;
  for (const part of schemasOf(resolved, "allOf")) fitted = fit(fitted, part, root, hops + 1);
  const alternative = alternativeFor(fitted, schemasOf(resolved, "anyOf", "oneOf"), root);
  if (alternative !== undefined) fitted = fit(fitted, alternative, root, hops + 1);
  if (typeof fitted === "string") return fitEnum(fitted, resolved);
  if (Array.isArray(fitted)) fitList(fitted, resolved, root);
  else if (isObject(fitted)) fitObject(fitted, resolved, root);
  return fitted;
}

function fitObject(object: Row, schema: JsonSchema, root: JsonSchema): void {
  const properties = propertiesOf(schema);
  const required = keywordOf(schema, "required");
  const additional = keywordOf(schema, "additionalProperties");
  for (const [key, value] of Object.entries(object)) {
    const isKnown = Object.hasOwn(properties, key);
    const property = isKnown ? properties[key] : additional;
    const isRequired = Array.isArray(required) && required.includes(key);
    if (value === null && isKnown && !isRequired && !allowsNull(property, root)) delete object[key];
    else setCell(object, key, fit(value, property, root, 0));
  }
}

function fitList(list: unknown[], schema: JsonSchema, root: JsonSchema): void {
  const first = schemasOf(schema, "prefixItems");
  const rest = keywordOf(schema, "items");
  for (const [i, value] of list.entries()) list[i] = fit(value, first[i] ?? rest, root, 0);
}

function fitEnum(value: string, schema: JsonSchema): string {
  const values = textsOf(schema);
  if (values.length === 0 || values.includes(value)) return value;
  const matches = values.filter((text) => isSameText(text, value));
  return matches.length === 1 ? (matches[0] ?? value) : value;
}

/** The texts that a schema names one by one. */
function textsOf(schema: JsonSchema): string[] {
  const values = keywordOf(schema, "enum");
  const all: unknown[] = Array.isArray(values) ? values : [keywordOf(schema, "const")];
  return all.filter((value) => typeof value === "string");
}

function isSameText(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The one of several schemas that a value is most likely meant for; none where it fits one as it is. */
function alternativeFor(
  value: unknown,
  schemas: readonly JsonSchema[],
  root: JsonSchema,
): JsonSchema | undefined {
  const resolved = schemas.map((schema) => resolve(schema, root)).filter((schema) => takes(schema, value));
  if (typeof value !== "string") return resolved[0];
  const isFine = resolved.some((schema) => textsOf(schema).length === 0 || textsOf(schema).includes(value));
  return isFine ? undefined : resolved[0];
}

/** Whether a value may be meant for a schema, by its type, its required keys and the texts of its tags. */
function takes(schema: JsonSchema, value: unknown): boolean {
  const types = typesOf(schema);
  if (types.length > 0 && !types.includes(typeOf(value))) return false;
  if (typeof value === "string") return hasText(schema, value);
  if (!isObject(value)) return true;
  const required = keywordOf(schema, "required");
  const hasKeys = !Array.isArray(required) || required.every((key) => Object.hasOwn(value, String(key)));
  return (
    hasKeys &&
    Object.entries(propertiesOf(schema)).every(([key, property]) => {
      const tag = getCell(value, key);
      return typeof tag !== "string" || !isObject(property) || hasText(property, tag);
    })
  );
}

function hasText(schema: JsonSchema, text: string): boolean {
  const texts = textsOf(schema);
  return texts.length === 0 || texts.some((known) => isSameText(known, text));
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
