import { counted, type ChoiceReading, type Output, type Row, type Warning } from "@parallel-parrot/core";
import type { Answer } from "./answer-of.ts";
import { instructionsOf } from "../schema/instructions.ts";
import { Changes } from "../fit/changes.ts";
import { KnownKeys } from "../fit/known-keys.ts";
import { checkListOptions, type ListOptions } from "./output-options.ts";
import { describeProblems, type Problem } from "../fit/problem.ts";
import { whenRead, type RowReader, type RowReading } from "./row-reader.ts";
import { keysOf } from "../schema/schema-parts.ts";
import { readerOf, type RowOf, type Spec } from "../schema/spec.ts";
import { ENDS_EARLY, endsEarly, readJson, REPAIRED, type Cut } from "./read-json.ts";
import { bad, invalid, type BadChoice } from "./unusable.ts";
import { Unwrapper } from "../fit/unwrap.ts";
import { withThoughts, type WithThoughts } from "./with-thoughts.ts";
import { wrapList } from "../schema/wrap-schema.ts";

/** The key of the list in the object that is asked for: the root of a schema must be an object. */
const KEY = "items";

/**
 * A list of objects per answer; an empty list is an answer. Of a list that the token limit cut off, the complete
 * objects are kept, with a warning. Of one that ends early or breaks off for another reason they are what can be
 * used as a last resort, when asking again has given nothing better.
 *
 * @example
 * ```ts
 * import { listOf } from "@parallel-parrot/parse";
 *
 * // Output<{ question: string; answer: string }>
 * const output = listOf(["question", "answer"]);
 * ```
 *
 * @throws ParrotError `INVALID_OPTION`
 */
export function listOf<const S extends Spec, const Thoughts extends string = never>(
  spec: S,
  options: ListOptions<Thoughts> = {},
): Output<WithThoughts<RowOf<S>, NoInfer<Thoughts>>> {
  checkListOptions(options);
  const { thoughts, jsonSchema, name = KEY, maxItems = 10_000, invalidItems = "fail" } = options;
  const settings: Settings = { name, maxItems, invalidItems };
  const reader = readerOf(spec, jsonSchema);
  const known = reader.schema ?? reader.sketch;
  const unwrapper = new Unwrapper(KnownKeys.of(known), reader.numbers);
  const keys = known === undefined ? [] : keysOf(known);
  const knownShape = known === undefined ? undefined : wrapList(known, KEY);
  return withThoughts(
    {
      shape: {
        type: "json",
        name: settings.name,
        ...(reader.schema !== undefined && { schema: wrapList(reader.schema, KEY) }),
        instructions: instructionsOf(`an object with the key "${KEY}", a list of objects`, keys, knownShape),
      },
      columns: reader.columns,
      read: (answer) => readList(answer, { reader, unwrapper }, settings),
    },
    thoughts,
  );
}

type Settings = Required<Omit<ListOptions, "thoughts" | "jsonSchema">>;

/** What an answer is read with. */
interface Means<T extends Row> {
  readonly reader: RowReader<T>;
  readonly unwrapper: Unwrapper;
}

interface Found {
  readonly elements: readonly unknown[];
  readonly warnings: readonly Warning[];
  /** Why the list is only part of the answer, where it is. */
  readonly flaw?: string;
}

function readList<T extends Row>(
  answer: Answer,
  means: Means<T>,
  settings: Settings,
): ChoiceReading<T> | Promise<ChoiceReading<T>> {
  const changes = new Changes();
  const list = findList(answer, means, changes);
  if ("ok" in list) return list;
  const { elements, warnings, flaw } = list;
  const { maxItems, invalidItems } = settings;
  if (elements.length > maxItems)
    return bad(
      "TOO_MANY_OUTPUTS",
      `The answer has ${counted(elements.length, "object")}, and maxItems allows ${maxItems}`,
    );
  const readings = elements.map((element) => means.reader.read(element));
  return whenRead(allRead(readings), (readings) => {
    for (const reading of readings) if (reading.ok) changes.addAll(reading.changes);
    const told = [...warnings, ...changes.warnings];
    return flaw === undefined ? collect(readings, told, invalidItems) : partOf(readings, told, flaw);
  });
}

/** The elements of the list in an answer, unread. */
function findList(answer: Answer, { reader, unwrapper }: Means<Row>, changes: Changes): Found | BadChoice {
  const json = readJson(answer, {
    numbers: reader.numbers,
    onRounded: (number) => changes.addRounded(number),
  });
  if ("ok" in json) return json;
  const isAtLimit = answer.finishReason === "length";
  if (json.status === "cut") return findCut(json, answer);
  if (json.status === "broken") return { elements: json.elements, warnings: [], flaw: json.reason };
  const { elements, isBare } = unwrapper.listElements(json.value);
  // Only the model can say which of several is meant.
  if (json.others > 0) return invalid(`expected one list, got ${json.others + 1} separate JSON values`);
  const warnings = json.status === "repaired" ? [REPAIRED] : [];
  // Without a bracket that closes the list, more objects may have been about to come.
  const isOpen = isAtLimit && (isBare || json.isSequence);
  return { elements, warnings: isOpen ? [...warnings, truncated(elements)] : warnings };
}

/**
 * The complete elements of a list that ends early: where the token limit cut it off, asking again would bring no more.
 */
function findCut({ elements, isListClosed, isRepaired }: Cut, answer: Answer): Found | BadChoice {
  const warnings = isRepaired ? [REPAIRED] : [];
  const early = endsEarly(answer);
  if (answer.finishReason === "length")
    return elements.length === 0 ? early : { elements, warnings: [...warnings, truncated(elements)] };
  if (isListClosed) return { elements, warnings: [REPAIRED] };
  return { elements, warnings, flaw: ENDS_EARLY };
}

function truncated(elements: readonly unknown[]): Warning {
  return { code: "TRUNCATED", message: `The token limit cut the list off: ${kept(elements)}` };
}

function kept({ length }: readonly unknown[]): string {
  return counted(length, "complete object is kept", "complete objects are kept");
}

function allRead<T extends Row>(
  readings: readonly (RowReading<T> | Promise<RowReading<T>>)[],
): readonly RowReading<T>[] | Promise<readonly RowReading<T>[]> {
  const done: RowReading<T>[] = [];
  for (const reading of readings) {
    if (reading instanceof Promise) return Promise.all(readings.map(async (each) => each));
    done.push(reading);
  }
  return done;
}

/** An answer to be asked for again; the objects before the first invalid one are kept as a last resort. */
function partOf<T extends Row>(
  readings: readonly RowReading<T>[],
  warnings: readonly Warning[],
  flaw: string,
): ChoiceReading<T> {
  const outputs: T[] = [];
  for (const reading of readings) {
    if (!reading.ok) break;
    outputs.push(reading.row);
  }
  const bad = invalid(flaw);
  if (outputs.length === 0) return bad;
  const partial: Warning = {
    code: "PARTIAL",
    message: `Only part of the answer can be read (${flaw}): ${kept(outputs)}`,
  };
  return { ...bad, partial: { outputs, warnings: [...warnings, partial] } };
}

function collect<T extends Row>(
  readings: readonly RowReading<T>[],
  warnings: readonly Warning[],
  invalidItems: "fail" | "drop",
): ChoiceReading<T> {
  const outputs: T[] = [];
  const problems: Problem[] = [];
  for (const [at, reading] of readings.entries()) {
    if (reading.ok) outputs.push(reading.row);
    else
      for (const { path, message } of reading.problems) problems.push({ path: [KEY, at, ...path], message });
  }
  if (outputs.length === readings.length) return { ok: true, outputs, warnings };
  const what = describeProblems(problems);
  if (invalidItems === "fail" || outputs.length === 0) return invalid(what);
  const dropped = `${readings.length - outputs.length} of ${readings.length} objects are invalid and were dropped: ${what}`;
  return { ok: true, outputs, warnings: [...warnings, { code: "ITEM_DROPPED", message: dropped }] };
}
