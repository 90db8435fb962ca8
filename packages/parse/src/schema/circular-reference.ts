import { isObject, isRecord, type JsonSchema } from "@parallel-parrot/core";
import { atPointer, keywordOf, schemasOf } from "./schema-parts.ts";

/** A schema that is being searched, and which of the schemas that describe the same value are still to be searched. */
interface Step {
  readonly schema: JsonSchema;
  readonly next: Iterator<JsonSchema>;
}

/**
 * A reference by which a value is described by itself, such as `{ $ref: "#" }` alone: to check anything against it has
 * no end. A schema whose properties or items refer to it is not meant: each is a smaller value.
 */
export function circularReference(root: JsonSchema): string | undefined {
  const done = new Set<JsonSchema>();
  for (const start of schemasIn(root)) {
    const open = new Set<JsonSchema>();
    const path: Step[] = [];
    const enter = (schema: JsonSchema): void => {
      open.add(schema);
      path.push({ schema, next: sameValue(schema, root)[Symbol.iterator]() });
    };
    if (!done.has(start)) enter(start);
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const next = step.next.next();
      if (next.done === true) {
        path.pop();
        open.delete(step.schema);
        done.add(step.schema);
      } else if (open.has(next.value)) {
        // There is one: without a reference, a schema lies in no part of its own.
        const references = path.map(({ schema }) => keywordOf(schema, "$ref"));
        return references.findLast((each) => typeof each === "string") ?? "#";
      } else if (!done.has(next.value)) enter(next.value);
    }
  }
  return undefined;
}

/** The schemas that a schema has its own value meet as well. */
function sameValue(schema: JsonSchema, root: JsonSchema): JsonSchema[] {
  const ref = keywordOf(schema, "$ref");
  const target = typeof ref === "string" ? atPointer(root, ref) : undefined;
  const single = ["not", "if", "then", "else"].map((keyword) => keywordOf(schema, keyword)).filter(isRecord);
  const listed = schemasOf(schema, "allOf", "anyOf", "oneOf");
  return target === undefined ? [...single, ...listed] : [target, ...single, ...listed];
}

/** Every object in a schema; one that is none itself, such as `properties`, has no such keywords. */
function* schemasIn(root: JsonSchema): Generator<JsonSchema> {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const next = open.pop();
    if (isRecord(next)) yield next;
    if (isObject(next)) for (const inner of Object.values(next)) open.push(inner);
  }
}
