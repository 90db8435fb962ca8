import { isRecord, type JsonSchema, ParrotError } from "@parallel-parrot/core";
import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { BIGINT } from "../fit/fit-number.ts";
import { requireOptional } from "./require-optional.ts";

const TARGET = "draft-2020-12";

/** What JSON has for a bigint. */
const INTEGER = { type: "integer", [BIGINT]: true };

/**
 * The JSON Schema of a schema of another library, where it can say one; a bigint is a marked integer. `rough` allows
 * anything where a type has none (a `Date`, a transform); `exact` gives nothing then.
 *
 * @throws ParrotError `INVALID_OPTION` for a schema of valibot without the package that converts it
 */
export function toJsonSchema(
  schema: StandardSchemaV1,
  side: "input" | "output",
  precision: "exact" | "rough",
): JsonSchema | undefined {
  const { vendor } = schema["~standard"];
  const isValibot = vendor === "valibot" && !hasConverter(schema);
  // Its converter would leave out a transform that may have changed the keys.
  if (isValibot && side === "output" && precision === "rough") return undefined;
  const convertValibot = isValibot ? findConverter() : undefined;
  try {
    const converted = hasConverter(schema)
      ? schema["~standard"].jsonSchema[side]({ target: TARGET, ...libraryOptions(vendor, precision) })
      : convertValibot?.(schema, {
          target: TARGET,
          typeMode: side,
          errorMode: precision === "exact" ? "throw" : "ignore",
          overrideSchema: ({ valibotSchema }) => (valibotSchema.type === "bigint" ? INTEGER : undefined),
        });
    if (!isRecord(converted)) return undefined;
    const { $schema: _, ...rest } = converted;
    return rest;
  } catch {
    return undefined;
  }
}

function hasConverter(schema: StandardSchemaV1): schema is StandardSchemaV1 & StandardJSONSchemaV1 {
  return "jsonSchema" in schema["~standard"];
}

/** How each library is told to write bigints, and types that JSON does not have. */
function libraryOptions(
  vendor: string,
  precision: "exact" | "rough",
): { libraryOptions: Record<string, unknown> } {
  const isRough = precision === "rough";
  if (vendor === "arktype") return { libraryOptions: { fallback: arktypeFallback(isRough) } };
  if (vendor !== "zod") return { libraryOptions: isRough ? { unrepresentable: "any" } : {} };
  return { libraryOptions: { unrepresentable: "any", override: zodOverride(isRough) } };
}

/** What arktype knows of a type that it has no JSON Schema for. */
interface ArktypeContext {
  readonly code: string;
  readonly domain?: unknown;
  readonly base: object;
}

function arktypeFallback(isRough: boolean): (context: ArktypeContext) => object {
  return ({ code, domain, base }) => {
    if (code === "domain" && domain === "bigint") return { ...base, ...INTEGER };
    if (isRough) return base;
    throw new TypeError(`There is no JSON Schema for ${code}`);
  };
}

/** What zod has made of one of its types. */
interface ZodContext {
  readonly zodSchema: { readonly _zod: { readonly def: { readonly type: string } } };
  readonly jsonSchema: Record<string, unknown>;
}

/** Types of zod that JSON does not have. */
const NOT_JSON: ReadonlySet<string> = new Set([
  "custom",
  "date",
  "function",
  "map",
  "nan",
  "set",
  "symbol",
  "transform",
  "undefined",
  "void",
]);

function zodOverride(isRough: boolean): (context: ZodContext) => void {
  return ({ zodSchema, jsonSchema }) => {
    const { type } = zodSchema._zod.def;
    if (type === "bigint") Object.assign(jsonSchema, INTEGER);
    else if (!isRough && NOT_JSON.has(type)) throw new TypeError(`There is no JSON Schema for ${type}`);
  };
}

type ConvertValibot = (
  schema: StandardSchemaV1,
  config: {
    target: string;
    typeMode: "input" | "output";
    errorMode: "throw" | "ignore";
    overrideSchema: (context: { readonly valibotSchema: { readonly type: string } }) => object | undefined;
  },
) => unknown;

/** The package that valibot has for it. */
function findConverter(): ConvertValibot {
  const name = "@valibot/to-json-schema";
  try {
    const { toJsonSchema } = requireOptional(name) as { toJsonSchema: ConvertValibot };
    return toJsonSchema;
  } catch (cause) {
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot tell a model what to write: valibot needs another package to make a JSON Schema of its schemas; run npm install ${name}`,
      { cause, option: "spec" },
    );
  }
}
