import { isRecord, mapSchema, type JsonSchema } from "@parallel-parrot/core";

/** Thrown for a reference to something outside the schema. */
export const UNRESOLVABLE: Error = new Error("The schema refers to what is no definition of its own");

/**
 * Rewrites a schema so that its references lead to its root or to `$defs`, as APIs demand. Other targets (`definitions`
 * of older drafts, anchors, parts of the schema) become definitions.
 *
 * @throws UNRESOLVABLE if a reference leads out of the schema
 */
export function collectDefinitions(root: JsonSchema): JsonSchema {
  if (!/"(?:\$ref|definitions|\$anchor)":/.test(JSON.stringify(root))) return root;
  const { $defs: given, definitions: _older, ...rest } = root;
  const known = isRecord(given) ? given : {};
  const targets = new Map(Object.keys(known).map((name) => [`#/$defs/${escapePointer(name)}`, name]));
  const collected: Record<string, unknown> = {};
  const anchors = anchorsOf(root);
  const change = (part: unknown): unknown =>
    isRecord(part)
      ? mapSchema(part, ({ $defs: _defs, definitions: _definitions, $anchor: _anchor, ...schema }) => {
          const { $ref } = schema;
          return typeof $ref === "string" ? { ...schema, $ref: lead($ref) } : schema;
        })
      : part;
  const lead = (ref: string): string => {
    if (ref === "#") return ref;
    const name = targets.get(ref);
    if (name !== undefined) return `#/$defs/${escapePointer(name)}`;
    const target = anchors.get(ref) ?? atPointer(root, ref);
    const wanted = /(?<![^/#])[^/#]+$/.exec(ref)?.[0] ?? "part";
    const free = unusedName(wanted, { ...known, ...collected });
    targets.set(ref, free);
    // The name is reserved before its target is rewritten, because the target may refer to itself.
    collected[free] = true;
    collected[free] = change(target);
    return `#/$defs/${escapePointer(free)}`;
  };
  const own = Object.fromEntries(Object.entries(known).map(([name, schema]) => [name, change(schema)]));
  const result = Object(change(rest)) as JsonSchema;
  const all = { ...own, ...collected };
  return Object.keys(all).length === 0 ? result : { ...result, $defs: all };
}

function anchorsOf(root: JsonSchema): ReadonlyMap<string, JsonSchema> {
  const anchors = new Map<string, JsonSchema>();
  mapSchema(root, (part) => {
    const { $anchor } = part;
    if (typeof $anchor === "string") anchors.set(`#${$anchor}`, part);
    return part;
  });
  return anchors;
}

function atPointer(root: JsonSchema, ref: string): unknown {
  if (!ref.startsWith("#/")) throw UNRESOLVABLE;
  let target: unknown = root;
  for (const part of ref.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    target =
      typeof target === "object" && target !== null && Object.hasOwn(target, key)
        ? Reflect.get(target, key)
        : undefined;
  }
  if (typeof target !== "boolean" && !isRecord(target)) throw UNRESOLVABLE;
  return target;
}

function escapePointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

function unusedName(name: string, used: object): string {
  return Object.hasOwn(used, name) ? unusedName(`${name}_`, used) : name;
}

/**
 * Whether a schema refers to itself.
 *
 * @throws UNRESOLVABLE if it refers to something that is not one of its definitions
 */
export function isRecursive(root: JsonSchema): boolean {
  const finished = new Set<string>();
  const visit = (node: unknown, open: ReadonlySet<string>): boolean => {
    if (Array.isArray(node)) return node.some((each) => visit(each, open));
    if (!isRecord(node)) return false;
    const { $ref, $defs: _definitions, ...rest } = node;
    if (typeof $ref === "string" && !finished.has($ref)) {
      if ($ref === "#" || open.has($ref) || visit(resolve(root, $ref), new Set([...open, $ref]))) return true;
      finished.add($ref);
    }
    return Object.values(rest).some((each) => visit(each, open));
  };
  return visit(root, new Set());
}

/** Finds a definition of the same schema: no API fetches other documents. */
function resolve(root: JsonSchema, reference: string): unknown {
  const name = /^#\/\$defs\/([^/]+)$/.exec(reference)?.[1];
  const definitions = root["$defs"];
  if (name === undefined || !isRecord(definitions)) throw UNRESOLVABLE;
  return definitions[name.replaceAll("~1", "/").replaceAll("~0", "~")];
}
