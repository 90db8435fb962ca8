import { isRecord, type JsonSchema } from "@parallel-parrot/core";
import { BOUNDS } from "./schema-bounds.ts";

/** Keywords that say nothing of what is allowed. */
const ANNOTATIONS: ReadonlySet<string> = new Set(["default", "examples", "$schema"]);
/** Keywords whose keys are names, not keywords. */
const NAMED: ReadonlySet<string> = new Set(["properties", "$defs", "definitions"]);
/** Keywords whose values are data. */
const DATA: ReadonlySet<string> = new Set(["enum", "const", "required"]);

/** The structure that a schema demands, without what bounds its values: for servers that cannot enforce it all. */
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
