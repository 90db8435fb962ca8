import type { Row } from "@parallel-parrot/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { requireObjects } from "./json-schema.ts";
import { describeValue, type Problem } from "./problem.ts";
import { fittedReader } from "./read-fitted.ts";
import type { RowReader, RowReading } from "./row-reader.ts";
import { isObject, keysOf } from "./schema-parts.ts";
import { toJsonSchema } from "./to-json-schema.ts";

/** Reads objects by a schema of zod, valibot, arktype or any other library with the Standard Schema interface. */
export function standardSchemaReader<T extends Row>(spec: StandardSchemaV1<unknown, T>): RowReader<T> {
  const schema = toJsonSchema(spec, "input", "exact");
  const sketch = schema ?? toJsonSchema(spec, "input", "rough");
  const output = toJsonSchema(spec, "output", "rough");
  if (sketch !== undefined && Object.keys(sketch).length > 0) requireObjects(sketch);
  return {
    ...(schema !== undefined && { schema }),
    ...(sketch !== undefined && { sketch }),
    columns: output === undefined ? [] : keysOf(output),
    read: fittedReader(sketch, (value) => {
      try {
        const result = spec["~standard"].validate(value);
        return result instanceof Promise ? result.then(readingOf<T>, thrown) : readingOf(result);
      } catch (error) {
        return thrown(error);
      }
    }),
  };
}

function readingOf<T extends Row>(result: StandardSchemaV1.Result<T>): RowReading<T> {
  if (result.issues !== undefined) return { ok: false, problems: result.issues.map(problemOf) };
  return isObject(result.value)
    ? { ok: true, row: result.value }
    : { ok: false, problems: [{ path: [], message: `expected object, got ${describeValue(result.value)}` }] };
}

/** A transform that throws on a value has found a bad value. */
function thrown(error: unknown): Extract<RowReading<Row>, { readonly ok: false }> {
  return {
    ok: false,
    problems: [{ path: [], message: error instanceof Error ? error.message : String(error) }],
  };
}

function problemOf({ message, path = [] }: StandardSchemaV1.Issue): Problem {
  return { path: path.map((segment) => (typeof segment === "object" ? segment.key : segment)), message };
}
