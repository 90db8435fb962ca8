import { asText, isObject, type JsonObject } from "../../json-value.ts";
import { wordsOf } from "./text-for-key.ts";
import type { Place } from "./place.ts";
import { numberFor } from "./schema-number.ts";
import { resolveSchema } from "./resolve-schema.ts";
import { stringFor } from "./schema-string.ts";

/** Below this depth values are as small as possible, because a schema may refer to itself. */
const DEEP = 6;
/** Below this depth a value is null, because the schema may demand endless nesting. */
const TOO_DEEP = 40;
/** With more values than these, the rest of an answer is null: a schema may demand milliards of them. */
const MAX_VALUES = 20_000;

function isFull({ count }: Place): boolean {
  return count.values >= MAX_VALUES;
}

/** Makes a value from the content that satisfies the schema. The same arguments give the same value. */
export function valueFor(schema: unknown, place: Place): unknown {
  if (isFull(place)) return null;
  place.count.values += 1;
  if (place.depth > TOO_DEEP || !isObject(schema)) return schema === true ? stringFor({}, place) : null;
  const plain = resolveSchema(schema, place.root);
  if ("const" in plain) return plain["const"];
  if (Array.isArray(plain["enum"])) return pickEnum(plain["enum"], place);
  const branches = plain["anyOf"] ?? plain["oneOf"];
  if (Array.isArray(branches))
    return valueFor(pickBranch(branches, plain, place), { ...place, depth: place.depth + 1 });
  switch (pickType(plain, place)) {
    case "object":
      return objectFor(plain, place);
    case "array":
      return arrayFor(plain, place);
    case "integer":
      return numberFor(plain, place, true);
    case "number":
      return numberFor(plain, place, false);
    case "boolean":
      return place.content.sentimentScore() >= 0;
    case "null":
      return null;
    default:
      return stringFor(plain, place);
  }
}

function pickType(schema: JsonObject, { depth }: Place): unknown {
  const { type } = schema;
  if (Array.isArray(type)) {
    const isOut = depth > DEEP && type.includes("null");
    return isOut ? "null" : (type.find((name) => name !== "null") ?? "null");
  }
  if (type !== undefined) return type;
  if (isObject(schema["properties"]) || schema["additionalProperties"] !== undefined) return "object";
  return schema["items"] === undefined && schema["prefixItems"] === undefined ? "string" : "array";
}

const WAYS_OUT = ["null", "boolean", "number", "integer", "string", "array", "object"];

/** The first alternative that is not null, or deep down the one with the smallest values. */
function pickBranch(branches: readonly unknown[], parent: JsonObject, { root, depth }: Place): unknown {
  const { anyOf: _, oneOf: __, ...shared } = parent;
  const resolved = branches.map((branch) =>
    isObject(branch) ? resolveSchema({ ...shared, ...branch }, root) : branch,
  );
  if (depth > DEEP) {
    return resolved.toSorted((a, b) => costOf(a) - costOf(b))[0];
  }
  return resolved.find((branch) => isObject(branch) && branch["type"] !== "null") ?? resolved[0];
}

function costOf(branch: unknown): number {
  if (!isObject(branch)) return WAYS_OUT.length;
  return "const" in branch || "enum" in branch ? 0 : WAYS_OUT.indexOf(asText([branch["type"]].flat()[0]));
}

function pickEnum(values: readonly unknown[], { content, key, index }: Place): unknown {
  const sentiment: string = content.sentiment();
  const spelled = values.find((value) => typeof value === "string" && value.toLowerCase() === sentiment);
  if (spelled !== undefined) return spelled;
  const named = values.filter(
    (value) =>
      typeof value === "string" &&
      value.length > 2 &&
      content.document.toLowerCase().includes(value.toLowerCase()),
  );
  const choices = named.length > 0 ? named : values.filter((value) => value !== null);
  // The length of the key is added, so that two fields of a list do not always have the same value.
  return choices.length === 0 ? null : choices[(content.seed + key.length + index) % choices.length];
}

function objectFor(schema: JsonObject, place: Place): JsonObject {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = new Set([schema["required"] ?? []].flat());
  const entries: (readonly [string, unknown])[] = [];
  for (const [key, property] of Object.entries(properties)) {
    if (place.depth > DEEP && !required.has(key)) continue;
    entries.push([key, valueFor(property, { ...place, key, depth: place.depth + 1 })]);
  }
  const open = schema["additionalProperties"] ?? true;
  const missing = [...required].map(asText).filter((key) => !Object.hasOwn(properties, key));
  for (const key of missing) entries.push([key, valueFor(open, { ...place, key, depth: place.depth + 1 })]);
  const least = typeof schema["minProperties"] === "number" ? schema["minProperties"] : 0;
  for (let number = entries.length; number < least && !isFull(place); number++) {
    const key = `${place.content.keyword(number)}${number + 1}`;
    entries.push([key, valueFor(open, { ...place, key, depth: place.depth + 1 })]);
  }
  return Object.fromEntries(entries);
}

function arrayFor(schema: JsonObject, place: Place): unknown[] {
  const fixed = Array.isArray(schema["prefixItems"]) ? schema["prefixItems"] : [];
  const items = schema["items"] ?? fixed.length === 0;
  const values: unknown[] = [];
  const count = items === false ? fixed.length : countItems(schema, fixed.length, place);
  const { pairCount } = place.content;
  // Each choice begins with another pair, but only with pairs that follow from the document.
  const start = place.depth <= 1 ? place.index % pairCount : 0;
  const isUnique = schema["uniqueItems"] === true;
  const seen = new Set<string>();
  // The number of tries is limited, because a small enum may not have enough different values.
  for (let number = 0; values.length < count && number < count + 20 && !isFull(place); number++) {
    const item = fixed[values.length] ?? items;
    const value = valueFor(item, { ...place, index: start + number, depth: place.depth + 1 });
    const isRepeated = isUnique && seen.has(JSON.stringify(value));
    const fresh = isRepeated ? vary(value, item, number) : value;
    if (fresh === undefined || (isRepeated && seen.has(JSON.stringify(fresh)))) continue;
    seen.add(JSON.stringify(fresh));
    values.push(fresh);
  }
  return values;
}

/** A new value for a list of unique items that has this one already; `undefined` if the schema is too narrow. */
function vary(value: unknown, schema: unknown, number: number): unknown {
  const isFree = isObject(schema) && Object.keys(schema).every((keyword) => keyword === "type");
  if (!isFree) return undefined;
  return typeof value === "string"
    ? `${value} ${number + 1}`
    : typeof value === "number"
      ? value + number
      : undefined;
}

/** The number of items: two to five, depending on the document, within the schema's bounds. */
function countItems(schema: JsonObject, fixed: number, { root, content, key, depth, index }: Place): number {
  const least = typeof schema["minItems"] === "number" ? schema["minItems"] : 0;
  const most = typeof schema["maxItems"] === "number" ? schema["maxItems"] : Infinity;
  if (depth > DEEP) return Math.max(least, Math.min(fixed, most));
  const wanted = 2 + ((content.seed + key.length + index) % 4);
  const left = content.pairCount - (index % content.pairCount);
  // Fewer questions are better than questions that do not follow from the document.
  const natural = asksQuestions(schema["items"], root) ? Math.min(wanted, Math.max(2, left)) : wanted;
  return Math.max(least, Math.min(Math.max(fixed, natural), most));
}

function asksQuestions(items: unknown, root: unknown): boolean {
  const { properties } = isObject(items) ? resolveSchema(items, root) : {};
  return isObject(properties) && Object.keys(properties).some((key) => wordsOf(key).includes("question"));
}
