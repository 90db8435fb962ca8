import type { ChoiceReading, JsonSchema, Output, Row } from "@parallel-parrot/core";
import type { Answer } from "./answer-of.ts";
import { instructionsOf } from "../schema/instructions.ts";
import { Changes } from "../fit/changes.ts";
import { isSameJson } from "../extract/is-same-json.ts";
import { KnownKeys } from "../fit/known-keys.ts";
import { checkOutputOptions, type OutputOptions } from "./output-options.ts";
import { describeProblems } from "../fit/problem.ts";
import { whenRead, type RowReader } from "./row-reader.ts";
import { keysOf, typesOf } from "../schema/schema-parts.ts";
import { readerOf, type RowOf, type Spec } from "../schema/spec.ts";
import { endsEarly, readJson, REPAIRED } from "./read-json.ts";
import { invalid } from "./unusable.ts";
import { Unwrapper } from "../fit/unwrap.ts";
import { withThoughts, type WithThoughts } from "./with-thoughts.ts";
import { asRoot, wrapOne } from "../schema/wrap-schema.ts";

/**
 * One object per answer.
 *
 * @example
 * ```ts
 * import { objectOf } from "@parallel-parrot/parse";
 *
 * // Output<{ name: string; colour: string }>
 * const output = objectOf(["name", "colour"]);
 * ```
 *
 * @throws ParrotError `INVALID_OPTION`
 */
export function objectOf<const S extends Spec, const Thoughts extends string = never>(
  spec: S,
  options: OutputOptions<Thoughts> = {},
): Output<WithThoughts<RowOf<S>, NoInfer<Thoughts>>> {
  checkOutputOptions(options);
  const { name = "output", thoughts, jsonSchema } = options;
  const reader = readerOf(spec, jsonSchema);
  const known = reader.schema ?? reader.sketch;
  const unwrapper = new Unwrapper(KnownKeys.of(known), reader.numbers);
  const keys = known === undefined ? [] : keysOf(known);
  const instructions = instructionsOf("one object", keys, known === undefined ? undefined : shapeOf(known));
  return withThoughts(
    {
      shape: {
        type: "json",
        name,
        ...(reader.schema !== undefined && { schema: shapeOf(reader.schema) }),
        instructions,
      },
      columns: reader.columns,
      read: (answer) => readObject(answer, reader, unwrapper),
    },
    thoughts,
  );
}

/** The one of several values one after the other that are all the same; the values where they differ. */
function withoutRepeats(values: unknown): unknown {
  if (!Array.isArray(values)) return values;
  const [first, ...others]: readonly unknown[] = values;
  return others.every((other) => isSameJson(other, first)) ? first : values;
}

/** The schema of an answer; objects of several kinds need another one around them, for the root to be one object. */
function shapeOf(schema: JsonSchema): JsonSchema {
  const isPlain = typesOf(schema).includes("object") || Object.hasOwn(schema, "properties");
  return isPlain ? asRoot(schema) : wrapOne(schema, "output");
}

function readObject<T extends Row>(
  answer: Answer,
  reader: RowReader<T>,
  unwrapper: Unwrapper,
): ChoiceReading<T> | Promise<ChoiceReading<T>> {
  const changes = new Changes();
  const json = readJson(answer, {
    numbers: reader.numbers,
    onRounded: (number) => changes.addRounded(number),
  });
  if ("ok" in json) return json;
  if (json.status === "cut") return endsEarly(answer);
  if (json.status === "broken") return invalid(json.reason);
  // An example may be longer than the answer: only the model can say which one is meant.
  if (json.others > 0)
    return invalid(`expected one JSON object, got ${json.others + 1} separate JSON values`);
  const object = unwrapper.oneObject(json.isSequence ? withoutRepeats(json.value) : json.value);
  if (Array.isArray(object)) return invalid(`expected one object, got a list of ${object.length}`);
  return whenRead(reader.read(object), (reading) => {
    if (!reading.ok) return invalid(describeProblems(reading.problems));
    changes.addAll(reading.changes);
    const repaired = json.status === "repaired" ? [REPAIRED] : [];
    return { ok: true, outputs: [reading.row], warnings: [...repaired, ...changes.warnings] };
  });
}
