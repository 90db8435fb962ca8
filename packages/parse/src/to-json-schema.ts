import type { JsonSchema } from "@parallel-parrot/core";
import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { requireOptional } from "./require-optional.ts";
import { isObject } from "./schema-parts.ts";

const TARGET = "draft-2020-12";

/**
 * The JSON Schema of a schema of another library, where it can say one. `rough` allows anything where a type
 * has none (a `Date`, a transform); `exact` gives nothing then.
 */
export function toJsonSchema(
  schema: StandardSchemaV1,
  side: "input" | "output",
  precision: "exact" | "rough",
): JsonSchema | undefined {
  try {
    const converted = hasConverter(schema)
      ? schema["~standard"].jsonSchema[side]({
          target: TARGET,
          ...(precision === "rough" && { libraryOptions: { unrepresentable: "any" } }),
        })
      : convertValibot(schema, side, precision);
    if (!isObject(converted)) return undefined;
    const { $schema: _, ...rest } = converted;
    return rest;
  } catch {
    return undefined;
  }
}

function hasConverter(schema: StandardSchemaV1): schema is StandardSchemaV1 & StandardJSONSchemaV1 {
  return "jsonSchema" in schema["~standard"];
}

type ConvertValibot = (
  schema: StandardSchemaV1,
  config: { target: string; typeMode: "input" | "output"; errorMode: "throw" | "ignore" },
) => unknown;

/** By the package that valibot has for it, where that is installed. */
function convertValibot(
  schema: StandardSchemaV1,
  typeMode: "input" | "output",
  precision: "exact" | "rough",
): unknown {
  if (schema["~standard"].vendor !== "valibot") return undefined;
  // It would leave out a transform that may have changed the keys.
  if (typeMode === "output" && precision === "rough") return undefined;
  const { toJsonSchema } = requireOptional("@valibot/to-json-schema") as {
    toJsonSchema: ConvertValibot;
  };
  return toJsonSchema(schema, {
    target: TARGET,
    typeMode,
    errorMode: precision === "exact" ? "throw" : "ignore",
  });
}
