import { isRecord, type JsonSchema } from "@parallel-parrot/core";
import { fitSchema, type SchemaDialect } from "../../json-output/fit-schema.ts";

/** The JSON Schema that node-llama-cpp makes a grammar of. All properties are required there. */
const GRAMMAR_SCHEMAS: SchemaDialect = {
  keywords: new Set("$defs $ref anyOf const format minItems maxItems minLength maxLength".split(" ")),
  formats: new Set(["date-time", "time", "date"]),
  closesObjects: true,
  takesRecursion: true,
  requiresAll: true,
};

/** A schema in the form of which a grammar is made; `undefined` if there is none. */
export function grammarSchemaOf(schema: JsonSchema): object | undefined {
  const fitted = fitSchema(mapSchema(schema, withChoices), GRAMMAR_SCHEMAS);
  return fitted === undefined ? undefined : mapSchema(fitted, withOneOf);
}

/** The most whole numbers that are written out as choices. */
const MOST_CHOICES = 100;

/** A grammar cannot bound numbers, but it has choices: stars from 1 to 5 become one of five numbers. */
function withChoices(schema: JsonSchema): JsonSchema {
  const { type, minimum, maximum, ...others } = schema;
  if (type !== "integer" || typeof minimum !== "number" || typeof maximum !== "number") return schema;
  const first = Math.ceil(minimum);
  const count = Math.floor(maximum) - first + 1;
  const isFew = count >= 1 && count <= MOST_CHOICES && !("enum" in others) && !("const" in others);
  return isFew ? { ...others, enum: Array.from({ length: count }, (_, at) => first + at) } : schema;
}

/** Writes `anyOf` as `oneOf`, the word of node-llama-cpp. A grammar writes values and checks none, so they mean the same. */
function withOneOf({ anyOf, ...others }: JsonSchema): JsonSchema {
  return anyOf === undefined ? others : { ...others, oneOf: anyOf };
}

type Change = (schema: JsonSchema) => JsonSchema;

/** Changes a schema and all schemas in it. */
function mapSchema(schema: JsonSchema, change: Change): JsonSchema {
  const inside = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (MAPS.has(keyword) && isRecord(value))
      return [
        keyword,
        Object.fromEntries(Object.entries(value).map(([name, each]) => [name, map(each, change)])),
      ];
    if (LISTS.has(keyword) && Array.isArray(value)) return [keyword, value.map((each) => map(each, change))];
    return [keyword, SINGLE.has(keyword) ? map(value, change) : value];
  });
  return change(Object.fromEntries(inside));
}

const MAPS: ReadonlySet<string> = new Set(["properties", "$defs", "definitions"]);
const LISTS: ReadonlySet<string> = new Set(["anyOf", "oneOf"]);
const SINGLE: ReadonlySet<string> = new Set(["items"]);

function map(value: unknown, change: Change): unknown {
  return isRecord(value) ? mapSchema(value, change) : value;
}
