import { isRecord, type JsonSchema, messageOf, ParrotError, type Row, setCell } from "@parallel-parrot/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { withoutMarks } from "../fit/fit-number.ts";
import { requireObjects } from "./json-schema.ts";
import { toPresentDraft } from "./present-draft.ts";
import { describeValue, type Problem } from "../fit/problem.ts";
import { fittedReader } from "../fit/read-fitted.ts";
import type { RowReader, RowReading } from "../output/row-reader.ts";
import { keysOf } from "./schema-parts.ts";
import { toJsonSchema } from "./to-json-schema.ts";
import { validationOf } from "./validation-of.ts";

/**
 * Reads objects by a schema of zod, valibot, arktype or any other library with the Standard Schema interface.
 *
 * @param told what the model is told to write; what the library says of it where it is not given
 * @throws ParrotError `INVALID_OPTION` where nothing says which keys an object has
 */
export function standardSchemaReader<T extends Row>(
  spec: StandardSchemaV1<unknown, T>,
  told?: JsonSchema,
): RowReader<T> {
  const exact = told === undefined ? toJsonSchema(spec, "input", "exact") : toPresentDraft(told);
  const sketch = exact ?? toJsonSchema(spec, "input", "rough");
  const output = toJsonSchema(spec, "output", "rough");
  if (sketch === undefined || Object.keys(sketch).length === 0) throw untold(spec);
  requireObjects(sketch);
  const validate = validationOf(spec);
  return {
    ...(exact !== undefined && { schema: withoutMarks(exact) }),
    sketch: withoutMarks(sketch),
    columns: output === undefined ? [] : keysOf(output),
    numbers: "exact",
    read: fittedReader(sketch, told === undefined ? "library" : "json", (value) => {
      try {
        const result = validate(value);
        return result instanceof Promise ? result.then(readingOf<T>).catch(thrown) : readingOf<T>(result);
      } catch (error) {
        return thrown(error);
      }
    }),
  };
}

function untold(spec: StandardSchemaV1): ParrotError {
  const { vendor } = spec["~standard"];
  const example = vendor === "zod" ? ", such as jsonSchema: z.toJSONSchema(schema)" : "";
  return new ParrotError(
    "INVALID_OPTION",
    `Cannot tell a model what to write: the library ${vendor} makes no JSON Schema of this schema. Pass one as the option jsonSchema${example}`,
    { option: "jsonSchema" },
  );
}

/** @typeParam T what the schema says its values are */
function readingOf<T extends Row>(
  result: StandardSchemaV1.Result<unknown>,
): RowReading<T> | Promise<RowReading<T>> {
  if (result.issues !== undefined) return { ok: false, problems: result.issues.map(problemOf) };
  const { value } = result;
  if (value instanceof Promise)
    return value.then((settled: unknown) => readingOf<T>({ value: settled }), thrown);
  if (!isRecord(value))
    return { ok: false, problems: [{ path: [], message: `expected object, got ${describeValue(value)}` }] };
  const cells = Object.entries(value);
  if (cells.some(([, cell]) => cell instanceof Promise)) return settledRow<T>(cells);
  return { ok: true, row: value as T };
}

/** Where a library does not wait for promises, an asynchronous transform leaves one in a cell; its value is meant. */
async function settledRow<T extends Row>(cells: readonly [string, unknown][]): Promise<RowReading<T>> {
  const row: Row = {};
  const problems: Problem[] = [];
  const settled = await Promise.allSettled(cells.map(([, cell]) => cell));
  for (const [position, one] of settled.entries()) {
    const column = cells[position]?.[0] ?? "";
    if (one.status === "fulfilled") setCell(row, column, one.value);
    else problems.push({ path: [column], message: messageOf(one.reason) });
  }
  return problems.length === 0 ? { ok: true, row: row as T } : { ok: false, problems };
}

/** A transform that throws has met an invalid value. */
function thrown(error: unknown): Extract<RowReading<Row>, { readonly ok: false }> {
  return {
    ok: false,
    problems: [{ path: [], message: messageOf(error) }],
  };
}

function problemOf({ message, path = [] }: StandardSchemaV1.Issue): Problem {
  return { path: path.map((segment) => (typeof segment === "object" ? segment.key : segment)), message };
}
