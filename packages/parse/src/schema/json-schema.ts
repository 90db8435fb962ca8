import {
  isRecord,
  type JsonSchema,
  nestingProblem,
  ParrotError,
  quote,
  type Row,
} from "@parallel-parrot/core";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { circularReference } from "./circular-reference.ts";
import { addExactNumbers, withExactNumbers } from "../fit/exact-numbers.ts";
import { FORMATS } from "./formats.ts";
import { toPresentDraft } from "./present-draft.ts";
import { describeValue, type Problem } from "../fit/problem.ts";
import { fittedReader } from "../fit/read-fitted.ts";
import type { RowReader } from "../output/row-reader.ts";
import { describesObjects, keysOf } from "./schema-parts.ts";

/** Reads objects that satisfy a JSON Schema. */
export function jsonSchemaReader(spec: JsonSchema): RowReader<Row> {
  requireFinite(spec);
  const schema = presentSchema(spec);
  requireObjects(schema);
  const validate = compile(withExactNumbers(schema));
  return {
    schema,
    columns: keysOf(schema),
    numbers: "exact",
    read: fittedReader(schema, "json", (row) => {
      if (!validate(row)) return { ok: false, problems: (validate.errors ?? []).map(problemOf) };
      return isRecord(row)
        ? { ok: true, row }
        : { ok: false, problems: [{ path: [], message: `expected object, got ${describeValue(row)}` }] };
    }),
  };
}

/** @throws ParrotError `INVALID_OPTION` for a draft that is not known */
function presentSchema(spec: JsonSchema): JsonSchema {
  try {
    return toPresentDraft(spec);
  } catch (cause) {
    throw unusableSchema(cause);
  }
}

function unusableSchema(cause: unknown): ParrotError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ParrotError("INVALID_OPTION", `Cannot use the JSON Schema: ${reason}`, {
    cause,
    option: "spec",
  });
}

/** Characters of a schema as JSON, at most: each request carries it, and compiling takes hundreds of bytes for each. */
const MAX_CHARACTERS = 2 ** 20;
/** So deep that no recursion over a schema overflows the stack. */
const MAX_LEVELS = 200;

/** @throws ParrotError `INVALID_OPTION` for a schema that no model could be asked to keep to */
function requireFinite(schema: JsonSchema): void {
  const problem = nestingProblem(schema, MAX_LEVELS);
  if (problem !== undefined) throw unusableSchema(`it ${problem}`);
  const { length } = JSON.stringify(schema);
  if (length > MAX_CHARACTERS)
    throw unusableSchema(`it has ${length} characters; the most is ${MAX_CHARACTERS}`);
  const circle = circularReference(schema);
  if (circle !== undefined)
    throw unusableSchema(`its reference ${quote(circle)} leads straight back to itself`);
}

/** @throws ParrotError `INVALID_OPTION` for a schema of anything but objects */
export function requireObjects(schema: JsonSchema): void {
  if (describesObjects(schema)) return;
  throw new ParrotError(
    "INVALID_OPTION",
    `Cannot use the JSON Schema: it must describe one object, and does not: ${describeSchema(schema)}`,
    { option: "spec" },
  );
}

function describeSchema(schema: JsonSchema): string {
  const json = JSON.stringify(schema);
  return json.length > 80 ? `${json.slice(0, 80)}…` : json;
}

let ajv: Ajv2020 | undefined;

function compile(schema: JsonSchema): ValidateFunction {
  ajv ??= createAjv();
  try {
    return ajv.compile(schema);
  } catch (cause) {
    throw unusableSchema(cause);
  } finally {
    // The compiled function is all that is needed; the instance would keep every schema for good.
    ajv.removeSchema(schema);
  }
}

function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    verbose: true,
    ownProperties: true,
    formats: FORMATS,
    logger: false,
  });
  addExactNumbers(ajv);
  return ajv;
}

function problemOf(error: ErrorObject): Problem {
  const path = pathOf(error.instancePath);
  const { params, data } = error;
  const got = describeValue(data);
  switch (error.keyword) {
    case "type":
      return { path, message: `expected ${[params["type"]].flat().join(" or ")}, got ${got}` };
    case "required":
      return { path: [...path, String(params["missingProperty"])], message: "it is missing" };
    case "enum":
      return { path, message: `expected one of ${listOfValues(params["allowedValues"])}, got ${got}` };
    case "const":
      return { path, message: `expected ${describeValue(params["allowedValue"])}, got ${got}` };
    case "additionalProperties":
      return { path: [...path, String(params["additionalProperty"])], message: "there is no such property" };
    default:
      return { path, message: error.message ?? error.keyword };
  }
}

function listOfValues(values: unknown): string {
  return Array.isArray(values) ? values.slice(0, 20).map(describeValue).join(", ") : describeValue(values);
}

function pathOf(pointer: string): PropertyKey[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}
