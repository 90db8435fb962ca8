import { isRecord, type JsonSchema } from "@parallel-parrot/core";
import { keywordOf, propertiesOf, resolve, schemasOf, typesOf } from "./schema-parts.ts";

/** What an answer must be, in words, for models that cannot be held to a schema. */
export function instructionsOf(
  what: string,
  keys: readonly string[],
  schema: JsonSchema | undefined,
): string {
  const sentences = [`Answer with JSON only: ${what}. No Markdown, no other text.`];
  if (keys.length > 0)
    sentences.push(`Keys of each object: ${keys.map((key) => JSON.stringify(key)).join(", ")}.`);
  if (schema !== undefined) {
    sentences.push(`JSON Schema of the answer: ${JSON.stringify(schema)}`);
    sentences.push(`Form of the answer: ${JSON.stringify(skeletonOf(schema, schema, 0))}`);
  }
  return sentences.join("\n");
}

/** Objects inside are shown this deep: a schema may contain itself. */
const MAX_LEVELS = 5;

/** A value in the form of a schema, with placeholders. */
function skeletonOf(schema: unknown, root: JsonSchema, level: number): unknown {
  if (!isRecord(schema) || level > MAX_LEVELS) return null;
  const resolved = resolve(schema, root);
  const values = keywordOf(resolved, "enum");
  if (Array.isArray(values)) return values[0];
  if (Object.hasOwn(resolved, "const")) return resolved["const"];
  const [alternative] = schemasOf(resolved, "anyOf", "oneOf", "allOf");
  if (alternative !== undefined && !Object.hasOwn(resolved, "properties"))
    return skeletonOf(alternative, root, level + 1);
  switch (typesOf(resolved)[0] ?? (Object.hasOwn(resolved, "properties") ? "object" : "any")) {
    case "object":
      return Object.fromEntries(
        Object.entries(propertiesOf(resolved)).map(([key, property]) => [
          key,
          skeletonOf(property, root, level + 1),
        ]),
      );
    case "array":
      return level + 1 < MAX_LEVELS ? [skeletonOf(keywordOf(resolved, "items"), root, level + 1)] : [];
    case "number":
    case "integer":
      return 0;
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return "...";
  }
}
