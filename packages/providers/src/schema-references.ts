import type { JsonSchema } from "@parallel-parrot/core";

/** Thrown for a reference that leads out of the schema. */
export const UNRESOLVABLE: Error = new Error("The schema refers to what is no definition of its own");

/** `definitions` is what drafts before 2019-09 call `$defs`. */
export function renameDefinitions(schema: JsonSchema): JsonSchema {
  if (!("definitions" in schema) || "$defs" in schema) return schema;
  const { definitions, ...rest } = schema;
  const renamed: unknown = JSON.parse(
    JSON.stringify({ ...rest, $defs: definitions }).replaceAll('"$ref":"#/definitions/', '"$ref":"#/$defs/'),
  );
  return isSchema(renamed) ? renamed : schema;
}

/**
 * Whether a schema refers to itself.
 *
 * @throws UNRESOLVABLE where it refers to what is no definition of its own
 */
export function isRecursive(root: JsonSchema): boolean {
  const finished = new Set<string>();
  const visit = (node: unknown, open: ReadonlySet<string>): boolean => {
    if (Array.isArray(node)) return node.some((each) => visit(each, open));
    if (!isSchema(node)) return false;
    const { $ref, $defs: _definitions, ...rest } = node;
    if (typeof $ref === "string" && !finished.has($ref)) {
      if ($ref === "#" || open.has($ref) || visit(resolve(root, $ref), new Set([...open, $ref]))) return true;
      finished.add($ref);
    }
    return Object.values(rest).some((each) => visit(each, open));
  };
  return visit(root, new Set());
}

/** Only definitions of the same document: no API fetches others. */
function resolve(root: JsonSchema, reference: string): unknown {
  const name = /^#\/\$defs\/([^/]+)$/.exec(reference)?.[1];
  const definitions = root["$defs"];
  if (name === undefined || !isSchema(definitions)) throw UNRESOLVABLE;
  return definitions[name.replaceAll("~1", "/").replaceAll("~0", "~")];
}

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
