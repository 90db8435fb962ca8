import { isObject, isRecord, type JsonSchema } from "@parallel-parrot/core";

/** References and unions inside unions are followed this far: a schema may refer to itself. */
const MAX_HOPS = 8;

/** A keyword of a schema, own ones only. */
export function keywordOf(schema: JsonSchema, keyword: string): unknown {
  return Object.hasOwn(schema, keyword) ? schema[keyword] : undefined;
}

/** The schemas in a keyword such as `anyOf`. */
export function schemasOf(schema: JsonSchema, ...keywords: readonly string[]): JsonSchema[] {
  return keywords.flatMap((keyword) => {
    const list = keywordOf(schema, keyword);
    return Array.isArray(list) ? list.filter(isRecord) : [];
  });
}

/** The schemas of an object's properties. */
export function propertiesOf(schema: JsonSchema): Record<string, unknown> {
  const properties = keywordOf(schema, "properties");
  return isRecord(properties) ? properties : {};
}

/** The types that a schema names; none where it does not say. */
export function typesOf(schema: JsonSchema): readonly unknown[] {
  const type = keywordOf(schema, "type");
  return Array.isArray(type) ? type : type === undefined ? [] : [type];
}

/** The schema that `$ref` points to inside `root`; the schema itself where it has none. */
export function resolve(schema: JsonSchema, root: JsonSchema): JsonSchema {
  let resolved = schema;
  for (let hops = 0; hops < MAX_HOPS; hops++) {
    const ref = keywordOf(resolved, "$ref");
    if (typeof ref !== "string") return resolved;
    const target = atPointer(root, ref);
    if (target === undefined) return resolved;
    resolved = target;
  }
  return resolved;
}

/** The schema at a JSON pointer such as `#/$defs/a`; `undefined` where there is none, or it leads elsewhere. */
export function atPointer(root: JsonSchema, ref: string): JsonSchema | undefined {
  if (ref !== "#" && !ref.startsWith("#/")) return undefined;
  let target: unknown = root;
  for (const part of ref.split("/").slice(1)) {
    if (!isObject(target)) return undefined;
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    target = Object.hasOwn(target, key) ? Reflect.get(target, key) : undefined;
  }
  return isRecord(target) ? target : undefined;
}

/** Keys of the objects that a schema describes, in the schema's order, those of all its alternatives. */
export function keysOf(schema: JsonSchema, root: JsonSchema = schema, hops = 0): readonly string[] {
  if (hops > MAX_HOPS) return [];
  const resolved = resolve(schema, root);
  const inner = schemasOf(resolved, "anyOf", "oneOf", "allOf").flatMap((part) =>
    keysOf(part, root, hops + 1),
  );
  return [...new Set([...Object.keys(propertiesOf(resolved)), ...inner])];
}

/** Keys that every object which a schema describes must have. */
export function requiredOf(schema: JsonSchema, root: JsonSchema = schema, hops = 0): readonly string[] {
  if (hops > MAX_HOPS) return [];
  const resolved = resolve(schema, root);
  const required = keywordOf(resolved, "required");
  const own = Array.isArray(required) ? required.filter((key) => typeof key === "string") : [];
  const inner = schemasOf(resolved, "allOf").flatMap((part) => requiredOf(part, root, hops + 1));
  return [...new Set([...own, ...inner])];
}

/** Whether all that a schema allows are objects. */
export function describesObjects(schema: JsonSchema, root: JsonSchema = schema, hops = 0): boolean {
  if (hops > MAX_HOPS) return false;
  const resolved = resolve(schema, root);
  const types = typesOf(resolved);
  if (types.length > 0) return types.every((type) => type === "object");
  // A reference to elsewhere cannot be judged.
  if (["properties", "$ref"].some((keyword) => keywordOf(resolved, keyword) !== undefined)) return true;
  const inner = (part: JsonSchema): boolean => describesObjects(part, root, hops + 1);
  const alternatives = schemasOf(resolved, "anyOf", "oneOf");
  return (alternatives.length > 0 && alternatives.every(inner)) || schemasOf(resolved, "allOf").some(inner);
}

/** Whether a schema allows null. */
export function allowsNull(schema: unknown, root: JsonSchema): boolean {
  return allows(schema, root, (value) => value === null, "null");
}

/** Whether a schema may allow a text. */
export function allowsText(schema: unknown, root: JsonSchema): boolean {
  return allows(schema, root, (value) => typeof value === "string", "string");
}

function allows(
  schema: unknown,
  root: JsonSchema,
  isOfType: (value: unknown) => boolean,
  type: string,
  hops = 0,
): boolean {
  if (!isRecord(schema)) return schema !== false;
  if (hops > MAX_HOPS) return true;
  const resolved = resolve(schema, root);
  if (type === "null" && keywordOf(resolved, "nullable") === true) return true;
  const types = typesOf(resolved);
  if (types.length > 0 && !types.includes(type)) return false;
  const values = keywordOf(resolved, "enum");
  if (Array.isArray(values) && !values.some(isOfType)) return false;
  const constant = keywordOf(resolved, "const");
  if (constant !== undefined && !isOfType(constant)) return false;
  const inner = (part: JsonSchema): boolean => allows(part, root, isOfType, type, hops + 1);
  const isAllowed = (keyword: string): boolean => {
    const alternatives = schemasOf(resolved, keyword);
    return alternatives.length === 0 || alternatives.some(inner);
  };
  return isAllowed("anyOf") && isAllowed("oneOf") && schemasOf(resolved, "allOf").every(inner);
}
