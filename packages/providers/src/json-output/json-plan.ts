import type { JsonSchema, OutputShape } from "@parallel-parrot/core";
import { fitSchema, type SchemaDialect } from "./fit-schema.ts";
import { JSON_WORDS } from "./json-format.ts";
import type { Amendment } from "../provider.ts";

/** How an API that has no word for the wanted schema is held to JSON: by a tool it must call, or by a JSON mode. */
export type JsonFallback = "tool" | "object";

/** How one request asks for JSON. */
export type JsonPlan =
  /** By the API's structured output. */
  | { readonly by: "schema"; readonly name: string; readonly schema: JsonSchema }
  /** By a tool that the model must call, whose arguments are the answer. */
  | { readonly by: "tool"; readonly name: string; readonly schema: JsonSchema }
  /** By a mode that gives any JSON object; the shape is told in words. */
  | { readonly by: "object" }
  | { readonly by: "instructions" };

/** What to ask for, after what has been refused; `undefined` where text is wanted. */
export function planJson(
  shape: OutputShape,
  amendments: ReadonlySet<Amendment>,
  dialect: SchemaDialect,
  fallback: JsonFallback,
): JsonPlan | undefined {
  if (shape.type === "text") return undefined;
  if (amendments.has(JSON_WORDS)) return { by: "instructions" };
  const { name, schema } = shape;
  if (schema === undefined) return { by: fallback === "object" ? "object" : "instructions" };
  const fitted = amendments.has(`json:${fallback}`) ? undefined : fitSchema(schema, dialect);
  if (fitted !== undefined) return { by: "schema", name, schema: fitted };
  return fallback === "object" ? { by: "object" } : { by: "tool", name, schema: withoutDialect(schema) };
}

/** The next way to ask for JSON, once the present one was refused. */
export function nextJsonStep(
  fallback: JsonFallback,
  amendments: ReadonlySet<Amendment>,
): Amendment | undefined {
  return [`json:${fallback}`, JSON_WORDS].find((step) => !amendments.has(step));
}

function withoutDialect({ $schema: _dialect, ...schema }: JsonSchema): JsonSchema {
  return schema;
}
