import { getCell, isRecord, type JsonSchema } from "@parallel-parrot/core";
import { isSameText, textsOf } from "./fit-enum.ts";
import { keywordOf, propertiesOf, resolve, typesOf } from "../schema/schema-parts.ts";

/** Of several schemas the one that a value is most likely meant for; none where it fits one of them unchanged. */
export function alternativeFor(
  value: unknown,
  schemas: readonly JsonSchema[],
  root: JsonSchema,
): JsonSchema | undefined {
  const resolved = schemas.map((schema) => resolve(schema, root)).filter((schema) => takes(schema, value));
  if (typeof value !== "string") return resolved[0];
  const isFine = resolved.some((schema) => textsOf(schema).length === 0 || textsOf(schema).includes(value));
  // Only the writer of a text can say which of two enums it is meant for.
  return isFine || resolved.length > 1 ? undefined : resolved[0];
}

/** Whether a value may be meant for a schema, by its type, its required keys and the texts of its tags. */
function takes(schema: JsonSchema, value: unknown): boolean {
  const types = typesOf(schema);
  if (types.length > 0 && !types.includes(typeOf(value))) return false;
  if (typeof value === "string") return hasText(schema, value);
  if (!isRecord(value)) return true;
  const required = keywordOf(schema, "required");
  const hasKeys = !Array.isArray(required) || required.every((key) => Object.hasOwn(value, String(key)));
  return (
    hasKeys &&
    Object.entries(propertiesOf(schema)).every(([key, property]) => {
      const tag = getCell(value, key);
      return typeof tag !== "string" || !isRecord(property) || hasText(property, tag);
    })
  );
}

function hasText(schema: JsonSchema, text: string): boolean {
  const texts = textsOf(schema);
  return texts.length === 0 || texts.some((known) => isSameText(known, text));
}

/** The type of a JSON value, in the words of JSON Schema. */
function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
