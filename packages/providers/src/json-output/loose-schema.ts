import { isRecord, type JsonSchema } from "@parallel-parrot/core";
import { BOUNDS } from "./schema-bounds.ts";

/** Keywords that do not restrict values. */
const ANNOTATIONS: ReadonlySet<string> = new Set(["default", "examples", "$schema"]);
/** Keywords whose value is an object with names for keys. */
const NAMED: ReadonlySet<string> = new Set(["properties", "$defs", "definitions"]);
/** Keywords whose value is data and not a schema. */
const DATA: ReadonlySet<string> = new Set(["enum", "const", "required"]);

/** A schema without the keywords that bound values, for servers that cannot enforce them. */
export function toLooseSchema(schema: JsonSchema): JsonSchema {
  const entries = Object.entries(schema).filter(
    ([keyword]) => !BOUNDS.has(keyword) && !ANNOTATIONS.has(keyword),
  );
  return Object.fromEntries(
    entries.map(([keyword, value]) => {
      if (DATA.has(keyword)) return [keyword, value];
      return [keyword, NAMED.has(keyword) ? looseValues(value) : loose(value)];
    }),
  );
}

function looseValues(schemas: unknown): unknown {
  if (!isRecord(schemas)) return schemas;
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, loose(schema)]));
}

function loose(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(loose);
  return isRecord(value) ? toLooseSchema(value) : value;
}
