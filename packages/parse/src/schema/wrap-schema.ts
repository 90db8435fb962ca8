import { isRecord, type JsonSchema, mapSchema } from "@parallel-parrot/core";

/** A schema of objects as the root of a request's schema. */
export function asRoot(schema: JsonSchema): JsonSchema {
  const { $id: _, ...rest } = schema;
  return { type: "object", ...rest };
}

/** The schema of `{ [key]: [ … ] }`, with the given schema for the elements. */
export function wrapList(schema: JsonSchema, key: string): JsonSchema {
  const { inner, definitions } = asPart(schema);
  return { ...objectWith(key, { type: "array", items: inner }), ...definitions };
}

/** The schema of `{ [key]: … }`, with the given schema for the value. */
export function wrapOne(schema: JsonSchema, key: string): JsonSchema {
  const { inner, definitions } = asPart(schema);
  return { ...objectWith(key, inner), ...definitions };
}

/** The schema of `{ [list]: [{ [id]: "…", [answer]: … }, …] }`, with the given schema for each answer. */
export function wrapAnswers(
  schema: JsonSchema,
  { list, id, answer }: Readonly<Record<"list" | "id" | "answer", string>>,
): JsonSchema {
  const { inner, definitions } = asPart(schema);
  const items = {
    type: "object",
    properties: { [id]: { type: "string" }, [answer]: inner },
    required: [id, answer],
    additionalProperties: false,
  };
  return { ...objectWith(list, { type: "array", items }), ...definitions };
}

function objectWith(key: string, value: JsonSchema): JsonSchema {
  return { type: "object", properties: { [key]: value }, required: [key], additionalProperties: false };
}

/**
 * A schema as a part of another: its definitions go to the root, where its references look for them, and
 * references to itself are led to a definition of its own.
 */
function asPart(schema: JsonSchema): { inner: JsonSchema; definitions: JsonSchema } {
  const known = isRecord(schema["$defs"]) ? schema["$defs"] : {};
  const name = unusedName("item", known);
  let refersToItself = false;
  const move = (ref: string): string => {
    if (!/^#(?:$|\/(?!\$defs\/|definitions\/))/.test(ref)) return ref;
    refersToItself = true;
    return `#/$defs/${name}${ref.slice(1)}`;
  };
  const { $id: _, $defs = {}, definitions, ...inner } = mapRefs(schema, move);
  const moved = refersToItself ? { ...Object($defs), [name]: inner } : $defs;
  return {
    inner: refersToItself ? { $ref: `#/$defs/${name}` } : inner,
    definitions: {
      ...(Object.keys(Object(moved)).length > 0 && { $defs: moved }),
      ...(definitions !== undefined && { definitions }),
    },
  };
}

function mapRefs(schema: JsonSchema, move: (ref: string) => string): JsonSchema {
  return mapSchema(schema, (part) => {
    const ref = part["$ref"];
    return typeof ref === "string" ? { ...part, $ref: move(ref) } : part;
  });
}

function unusedName(name: string, used: object): string {
  return Object.hasOwn(used, name) ? unusedName(`${name}_`, used) : name;
}
