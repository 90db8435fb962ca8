import { decodeSegment } from "../../decode-segment.ts";
import { isObject, type JsonObject } from "../../json-value.ts";

/** The most references that are followed in one chain. */
const MAX_CHAIN = 20;

/** Follows a schema's `$ref` and merges the parts of its `allOf`. */
export function resolveSchema(schema: JsonObject, root: unknown): JsonObject {
  let resolved = schema;
  for (let step = 0; step < MAX_CHAIN; step++) {
    const { $ref: reference, allOf: parts, ...rest } = resolved;
    if (typeof reference === "string") {
      const target = followPointer(reference, root);
      resolved = mergeSchemas(isObject(target) ? target : {}, {
        ...rest,
        ...(parts !== undefined && { allOf: parts }),
      });
    } else if (Array.isArray(parts)) {
      resolved = parts
        .filter(isObject)
        .reduce<JsonObject>((merged, part) => mergeSchemas(merged, resolveSchema(part, root)), rest);
    } else {
      return resolved;
    }
  }
  return {};
}

function mergeSchemas(first: JsonObject, second: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...first, ...second };
  if (isObject(first["properties"]) && isObject(second["properties"]))
    merged["properties"] = { ...first["properties"], ...second["properties"] };
  if (Array.isArray(first["required"]) && Array.isArray(second["required"]))
    merged["required"] = [...first["required"], ...second["required"]];
  return merged;
}

/** Finds what a reference such as `#/$defs/node` points to in the schema. */
function followPointer(reference: string, root: unknown): unknown {
  if (!reference.startsWith("#")) return undefined;
  let target = root;
  for (const step of reference.split("/").slice(1)) {
    const key = decodeSegment(step).replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(target)) target = target[Number(key)];
    else target = isObject(target) && Object.hasOwn(target, key) ? target[key] : undefined;
  }
  return target;
}
