import { type AsRow, isRecord, type JsonSchema, ParrotError, type Row } from "@parallel-parrot/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { FromJsonSchema } from "./from-json-schema.ts";
import { jsonSchemaReader } from "./json-schema.ts";
import { keyNamesReader } from "./key-names.ts";
import { describeValue } from "../fit/problem.ts";
import type { RowReader } from "../output/row-reader.ts";
import { standardSchemaReader } from "./standard-schema.ts";

/**
 * What one object must look like: the names of its keys, a schema of zod, valibot, arktype or another library
 * with the Standard Schema interface, or a JSON Schema as plain data.
 */
export type Spec = readonly string[] | StandardSchemaV1<unknown, PlainObject> | JsonSchema;

/** An object with names for its parts, declared as a type or as an interface; no list, map or set. */
type PlainObject = object & { readonly [Symbol.iterator]?: never };

/** The type of the objects that a {@linkcode Spec} describes. */
export type RowOf<S extends Spec> = S extends readonly (infer Key extends string)[]
  ? { [K in Key]: string }
  : S extends StandardSchemaV1<unknown, infer T extends PlainObject>
    ? RowLike<T>
    : FromJsonSchema<S> extends infer T extends Row
      ? T
      : Row;

/** An interface has no index signature, and so is a row by its columns. */
type RowLike<T> = T extends Row ? T : AsRow<T>;

/**
 * The reader for a spec of whatever kind.
 *
 * @param told what the model is told to write, where a schema's library does not say it
 */
export function readerOf<S extends Spec>(spec: S, told?: JsonSchema): RowReader<RowOf<S>> {
  // Each branch reads what `RowOf` says of its kind of spec.
  return anyReaderOf(spec, told) as RowReader<RowOf<S>>;
}

function anyReaderOf(spec: Spec, told: JsonSchema | undefined): RowReader<Row> {
  if (isStandardSchema(spec)) return standardSchemaReader(spec, told);
  if (told !== undefined)
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot use the option jsonSchema: it is only for a schema of a library such as zod; key names and a JSON Schema already tell the model what to write",
      { option: "jsonSchema" },
    );
  if (isKeyNames(spec)) return keyNamesReader(spec);
  if (isRecord(spec)) return jsonSchemaReader(spec);
  throw new ParrotError(
    "INVALID_OPTION",
    `Cannot read answers: expected key names, a schema or a JSON Schema, got ${describeValue(spec)}`,
    { option: "spec" },
  );
}

function isKeyNames(spec: Spec): spec is readonly string[] {
  return Array.isArray(spec);
}

/** Schemas of some libraries are functions. */
function isStandardSchema(spec: Spec): spec is StandardSchemaV1<unknown, Row> {
  return (typeof spec === "object" || typeof spec === "function") && spec !== null && "~standard" in spec;
}
