import type { FailureCode } from "../errors/failure.ts";
import type { Choice, Completion } from "./completion.ts";
import { messageOf } from "../errors/message-of.ts";
import { isObject } from "../cells/is-object.ts";
import { describeGiven, expecting, type OptionCheck } from "../options/option-check.ts";
import type { Row } from "./row.ts";
import type { Warning } from "./warning.ts";

/** A JSON Schema, draft 2020-12, as plain data. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** What an answer must look like, as data that a provider adapter turns into request parameters. */
export type OutputShape =
  | { readonly type: "text" }
  | {
      readonly type: "json";
      /** Matches `^[A-Za-z0-9_-]{1,64}$`. */
      readonly name: string;
      /**
       * What the whole answer must satisfy; its root is always an object. Absent where only "some JSON
       * object" is known: adapters then fall back to their JSON mode and `instructions`.
       */
      readonly schema?: JsonSchema;
      /** The shape in words, for APIs that cannot be given a schema. */
      readonly instructions: string;
    };

/** The outputs read from one choice, or why there are none. */
export type ChoiceReading<T extends Row> =
  | { readonly ok: true; readonly outputs: readonly T[]; readonly warnings: readonly Warning[] }
  | {
      readonly ok: false;
      readonly code: Extract<
        FailureCode,
        | "EMPTY_ANSWER"
        | "INVALID_OUTPUT"
        | "OUTPUT_TRUNCATED"
        | "REFUSED"
        | "CONTENT_FILTERED"
        | "TOO_MANY_OUTPUTS"
        | "STAGE_FAILED"
      >;
      readonly message: string;
      /** What the model is shown as its answer when it is asked again. @default the text of the choice */
      readonly answer?: string;
      /** What could be used of it as a last resort, when asking again gives nothing better. */
      readonly partial?: PartialOutputs<readonly T[]>;
    };

/** A part of an answer whose whole cannot be read: outputs, and warnings that say so. */
export interface PartialOutputs<Outputs> {
  readonly outputs: Outputs;
  readonly warnings: readonly Warning[];
}

/** The wanted output: it shapes the request and reads the answer. Make one with `parse`'s `text`, `objectOf` or `listOf`. */
export interface Output<T extends Row = Row> {
  readonly shape: OutputShape;
  /** Columns the outputs can have, as far as known beforehand; may be empty. */
  readonly columns: readonly string[];
  /**
   * Reads one choice. Asynchronous where a schema's own validation is. Never throws for a bad answer: what it
   * throws all the same fails the row as `STAGE_FAILED`.
   */
  read(choice: Choice): ChoiceReading<T> | Promise<ChoiceReading<T>>;
  /**
   * Makes one answer of those of all choices: a list of outputs for each choice again, as lineage names the choice. It
   * is given the outputs of each choice, or `undefined` for one that could not be used.
   * @default the outputs of all choices
   */
  combine?(choices: readonly (readonly T[] | undefined)[]): Combined<T>;
  /** How answers to several rows come in one response. @default they cannot */
  readonly grouped?: GroupedOutput;
  /** The columns that tell something about the answer, such as its thoughts, and are no part of it. @default none */
  readonly aboutAnswer?: Readonly<Record<string, "text" | "number">>;
}

/** How the answers to several rows come in one response, each with the id of its row. */
export interface GroupedOutput {
  /** What the whole response must look like. */
  readonly shape: OutputShape;
  /** Reads the response. Gives the answers that are whole, in its order, whatever ids they have. Never throws. */
  read(choice: Choice): readonly GroupedAnswer[];
}

/** The answer to one of several rows that were asked in one request. */
export interface GroupedAnswer {
  readonly id: string;
  /** As the text of a response to this row alone would be. */
  readonly text: string;
}

/** The one answer that was made of those of all choices. */
export type Combined<T extends Row> = PartialOutputs<readonly (readonly T[])[]>;

/** The outputs read from all choices of a completion. */
export type Reading<T extends Row> =
  | { readonly ok: true; readonly outputs: readonly (readonly T[])[]; readonly warnings: readonly Warning[] }
  | (Omit<Extract<ChoiceReading<T>, { ok: false }>, "partial"> & {
      readonly partial?: PartialOutputs<readonly (readonly T[])[]>;
    });

/**
 * Where the last reading of choices is kept: on the list itself, which stays the same object when a completion
 * gets its final usage. A WeakMap would do the same for a microsecond more a row.
 */
const READING: unique symbol = Symbol("reading");

interface Memo {
  readonly output: Output;
  readonly reading: Reading<Row>;
}

type MaybeRead = Completion["choices"] & { readonly [READING]?: Memo };

/**
 * Reads all choices of a completion. It is good when one choice is; a choice that is not adds a warning. The last
 * reading of a completion is kept, so that a stage which checks an answer and a later one which uses it parse once.
 * Asynchronous only where the output's own reading is.
 */
export function readOutputs<T extends Row>(
  output: Output<T>,
  { choices }: Pick<Completion, "choices">,
): Reading<T> | Promise<Reading<T>> {
  const memo = (choices as MaybeRead)[READING];
  // The memo was made by this very `output`, so its rows are of this output's type.
  if (memo?.output === output) return memo.reading as Reading<T>;
  const remember = (readings: readonly ChoiceReading<T>[]): Reading<T> => {
    const reading = readAll(output, readings);
    const memo: Memo = { output, reading };
    if (Object.isExtensible(choices))
      Object.defineProperty(choices, READING, { value: memo, writable: true, configurable: true });
    return reading;
  };
  const readings = choices.map((choice) => readChoice(output, choice));
  return areRead(readings)
    ? remember(readings)
    : Promise.all(readings.map(async (each) => each)).then(remember);
}

/** Reads one choice by code that may be the user's: where it throws, the row fails, and never the run. */
function readChoice<T extends Row>(
  output: Output<T>,
  choice: Choice,
): ChoiceReading<T> | Promise<ChoiceReading<T>> {
  try {
    const reading = output.read(choice);
    return reading instanceof Promise ? reading.then(checkedReading<T>, unread) : checkedReading(reading);
  } catch (error) {
    return unread(error);
  }
}

function checkedReading<T extends Row>(reading: ChoiceReading<T>): ChoiceReading<T> {
  const given: unknown = reading;
  const isReading =
    isObject(given) && "ok" in given && (given.ok === false ? isRefusal(given) : hasOutputs(given));
  return isReading
    ? reading
    : unread(
        new TypeError(
          `it returned ${describeGiven(given)} instead of { ok, outputs, warnings } or { ok, code, message }`,
        ),
      );
}

function isRefusal(given: object): boolean {
  const hasAnswer = !("answer" in given) || given.answer === undefined || typeof given.answer === "string";
  const hasPart = !("partial" in given) || given.partial === undefined || hasOutputs(given.partial);
  return hasAnswer && hasPart;
}

function hasOutputs(given: unknown): boolean {
  return (
    isObject(given) &&
    "outputs" in given &&
    Array.isArray(given.outputs) &&
    "warnings" in given &&
    Array.isArray(given.warnings)
  );
}

function unread(error: unknown): Extract<ChoiceReading<never>, { ok: false }> {
  return {
    ok: false,
    code: "STAGE_FAILED",
    message: `The output's read function failed: ${messageOf(error)}`,
  };
}

function areRead<T extends Row>(
  readings: readonly (ChoiceReading<T> | Promise<ChoiceReading<T>>)[],
): readings is readonly ChoiceReading<T>[] {
  return !readings.some((reading) => reading instanceof Promise);
}

/** Makes one reading of those of all choices. Where the output's own code throws, the row fails, and never the run. */
function readAll<T extends Row>(output: Output<T>, readings: readonly ChoiceReading<T>[]): Reading<T> {
  try {
    return readingOf(output, readings);
  } catch (error) {
    return unread(error);
  }
}

function readingOf<T extends Row>(output: Output<T>, readings: readonly ChoiceReading<T>[]): Reading<T> {
  const [first, ...others] = readings;
  if (first === undefined) return { ok: false, code: "EMPTY_ANSWER", message: "The response has no choices" };
  if (first.ok && others.length === 0 && output.combine === undefined)
    return { ok: true, outputs: [first.outputs], warnings: first.warnings };
  const isGood = others.some(({ ok }) => ok);
  const hasPart = readings.some((reading) => !reading.ok && reading.partial !== undefined);
  if (first.ok || isGood)
    return { ok: true, ...combined(output, readings, (reading) => (reading.ok ? reading : undefined)) };
  const { code, message, answer } = first;
  return {
    ok: false,
    code,
    message,
    ...(answer !== undefined && { answer }),
    ...(hasPart && {
      partial: combined(output, readings, (reading) => (reading.ok ? undefined : reading.partial)),
    }),
  };
}

/** @param partOf what of a choice is combined */
function combined<T extends Row>(
  output: Output<T>,
  readings: readonly ChoiceReading<T>[],
  partOf: (reading: ChoiceReading<T>) => PartialOutputs<readonly T[]> | undefined,
): Combined<T> {
  const all = allOf(readings);
  const one = output.combine?.(readings.map((reading) => partOf(reading)?.outputs));
  return one === undefined ? all : { outputs: one.outputs, warnings: [...all.warnings, ...one.warnings] };
}

/** The outputs of each choice; an empty list with a warning for a choice that cannot be used. */
function allOf<T extends Row>(
  readings: readonly ChoiceReading<T>[],
): PartialOutputs<readonly (readonly T[])[]> {
  const outputs: (readonly T[])[] = [];
  const warnings: Warning[] = [];
  for (const [number, reading] of readings.entries()) {
    const part = reading.ok ? reading : reading.partial;
    // An empty list keeps the numbers of the choices after it.
    outputs.push(part?.outputs ?? []);
    if (part !== undefined) warnings.push(...part.warnings);
    else if (!reading.ok)
      warnings.push({ code: "CHOICE_DROPPED", message: `Choice ${number} was dropped: ${reading.message}` });
  }
  return { outputs, warnings };
}

/** A reading in which the part that can be used as a last resort counts as the answer, as nothing is asked again. */
export function lastResort<T extends Row>(reading: Reading<T>): Reading<T> {
  return reading.ok || reading.partial === undefined ? reading : { ok: true, ...reading.partial };
}

/** An option that is an {@linkcode Output}. Says how to make one of what was given in its place. */
export const anOutput: OptionCheck = {
  problemOf(value, option) {
    if (isObject(value) && "read" in value && "shape" in value) return undefined;
    const problem = OUTPUT.problemOf(value, option);
    const given = insteadOfOutput(value);
    return problem === undefined || given === undefined
      ? problem
      : { option, message: `${problem.message}: ${given}` };
  },
};

const OUTPUT = expecting("text(…), objectOf(…) or listOf(…)", () => false);

function insteadOfOutput(value: unknown): string | undefined {
  if (Array.isArray(value)) return "key names go into objectOf([…]) or listOf([…])";
  const isSchema = (typeof value === "function" || isObject(value)) && "~standard" in value;
  if (isSchema) return "a schema goes into objectOf(schema) or listOf(schema)";
  return isObject(value) ? "a JSON Schema goes into objectOf(schema) or listOf(schema)" : undefined;
}
