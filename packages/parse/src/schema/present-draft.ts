import { isRecord, type JsonSchema, mapSchema } from "@parallel-parrot/core";
import { keywordOf } from "./schema-parts.ts";

/**
 * A schema of draft 4, 6, 7 or 2019-09 said in the words of draft 2020-12, with references by pointers in place of
 * anchors. Words that mean the same in both, or mean nothing in 2020-12, are put so whether the schema names its draft
 * or not.
 *
 * @throws Error for a draft that is older than 4
 */
export function toPresentDraft({ $schema, ...schema }: JsonSchema): JsonSchema {
  const draft = draftOf($schema);
  const anchors = new Map<string, string>();
  const present = mapSchema(schema, (part, at) => {
    const { id, $id, $anchor } = part;
    const name = [$anchor, plainName($id), draft === 4 ? plainName(id) : undefined].find(
      (each) => typeof each === "string",
    );
    if (typeof name === "string") anchors.set(`#${name}`, `#${at}`);
    return toPresentWords(part, draft, at === "");
  });
  return mapSchema(present, ({ $anchor: _anchor, ...part }) => {
    const pointer = typeof part["$ref"] === "string" ? anchors.get(part["$ref"]) : undefined;
    return pointer === undefined ? part : { ...part, $ref: pointer };
  });
}

const NEW_DRAFTS = /^https?:\/\/json-schema\.org\/draft\/(?:2019-09|2020-12)\/schema#?$/;

/** The number of an older draft; 0 for those since 2019-09, and where none is named. */
function draftOf($schema: unknown): number {
  if ($schema === undefined) return 0;
  const uri = typeof $schema === "string" ? $schema : JSON.stringify($schema);
  const draft = Number(/^https?:\/\/json-schema\.org\/draft-0?([4-7])\/schema#?$/.exec(uri)?.[1] ?? 0);
  if (draft > 0 || NEW_DRAFTS.test(uri) || /^https?:\/\/json-schema\.org\/schema#?$/.test(uri)) return draft;
  throw new Error(
    `its draft is ${JSON.stringify(uri)}; the supported ones are 4, 6, 7, 2019-09 and 2020-12 of json-schema.org`,
  );
}

/** The name in an `$id` such as `#pet`, the older form of an anchor. */
function plainName(id: unknown): string | undefined {
  return typeof id === "string" ? /^#([A-Za-z_][\w.-]*)$/.exec(id)?.[1] : undefined;
}

/** Up to draft 7, nothing beside a reference counts, save what is there for people and for other references. */
const BESIDE_REFERENCE: ReadonlySet<string> = new Set([
  "$ref",
  "title",
  "description",
  "default",
  "examples",
  "definitions",
]);

function toPresentWords(given: JsonSchema, draft: number, isRoot: boolean): JsonSchema {
  const isReference = draft > 0 && !isRoot && typeof keywordOf(given, "$ref") === "string";
  const entries = Object.entries(given).filter(([keyword]) => !isReference || BESIDE_REFERENCE.has(keyword));
  const schema: Record<string, unknown> = Object.fromEntries(entries);
  if (draft === 4) delete schema["id"];
  if (plainName(schema["$id"]) !== undefined) delete schema["$id"];
  toPrefixItems(schema);
  toExclusive(schema, "minimum", "exclusiveMinimum");
  toExclusive(schema, "maximum", "exclusiveMaximum");
  splitDependencies(schema);
  return schema;
}

/** A list of schemas in `items` is one for each place, with `additionalItems` for the rest. */
function toPrefixItems(schema: Record<string, unknown>): void {
  const { items, additionalItems } = schema;
  if (!Array.isArray(items)) return;
  schema["prefixItems"] = items;
  delete schema["items"];
  delete schema["additionalItems"];
  if (items.length === 0) delete schema["prefixItems"];
  if (additionalItems !== undefined) schema["items"] = additionalItems;
}

/** In draft 4, whether a bound is exclusive is said beside it. */
function toExclusive(schema: Record<string, unknown>, bound: string, exclusive: string): void {
  const isExclusive = schema[exclusive];
  if (typeof isExclusive !== "boolean") return;
  delete schema[exclusive];
  if (!isExclusive || schema[bound] === undefined) return;
  schema[exclusive] = schema[bound];
  delete schema[bound];
}

function splitDependencies(schema: Record<string, unknown>): void {
  const { dependencies, ...rest } = schema;
  if (!isRecord(dependencies)) return;
  delete schema["dependencies"];
  const [required, schemas] = [true, false].map((isList) =>
    Object.fromEntries(Object.entries(dependencies).filter(([, each]) => Array.isArray(each) === isList)),
  );
  const put = (keyword: string, added: object = {}): void => {
    if (Object.keys(added).length > 0) schema[keyword] = { ...Object(rest[keyword]), ...added };
  };
  put("dependentRequired", required);
  put("dependentSchemas", schemas);
}
