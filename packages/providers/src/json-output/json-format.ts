import type { JsonSchema, OutputShape } from "@parallel-parrot/core";
import { fitSchema, type SchemaDialect } from "./fit-schema.ts";
import { toLooseSchema } from "./loose-schema.ts";
import type { Amendment, Capabilities } from "../provider.ts";

/** How an API of the OpenAI dialects is held to JSON. */
export type JsonFormat =
  | {
      readonly type: "json_schema";
      readonly name: string;
      readonly schema: JsonSchema;
      readonly strict: boolean;
    }
  | { readonly type: "json_object" };

/** The steps down from a schema, each for when the one before was refused. */
export const LOOSE_SCHEMA: Amendment = "json:loose";
/** See {@linkcode LOOSE_SCHEMA}. */
export const JSON_OBJECT: Amendment = "json:object";
/** See {@linkcode LOOSE_SCHEMA}. */
export const JSON_WORDS: Amendment = "json:instructions";

/** The strongest that the API has and the model did not refuse; `undefined` for text, or where there are only words. */
export function jsonFormat(
  shape: OutputShape,
  amendments: ReadonlySet<Amendment>,
  { json, schemas }: Pick<Capabilities, "json"> & { readonly schemas: SchemaDialect },
): JsonFormat | undefined {
  if (shape.type === "text" || json === "instructions" || amendments.has(JSON_WORDS)) return undefined;
  const { name, schema } = shape;
  if (schema === undefined || json !== "schema" || amendments.has(JSON_OBJECT))
    return { type: "json_object" };
  if (amendments.has(LOOSE_SCHEMA))
    return { type: "json_schema", name, schema: toLooseSchema(schema), strict: false };
  const strictSchema = fitSchema(schema, schemas);
  return {
    type: "json_schema",
    name,
    schema: strictSchema ?? schema,
    strict: strictSchema !== undefined,
  };
}
