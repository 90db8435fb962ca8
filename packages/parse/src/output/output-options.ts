import {
  aColumn,
  anObject,
  checkArgument,
  checkOptions,
  expecting,
  oneOf,
  wholeNumber,
  type JsonSchema,
  type OptionCheck,
  type OptionChecks,
} from "@parallel-parrot/core";

/** Options of `text`. */
export interface TextOutputOptions<Thoughts extends string = string> {
  /**
   * Column for what the model thought, in its answer or apart from it; null where the API gives nothing.
   * @default thoughts are not kept
   */
  readonly thoughts?: Thoughts;
}

/** Options of `objectOf` and `listOf`. */
export interface OutputOptions<Thoughts extends string = string> extends TextOutputOptions<Thoughts> {
  /**
   * Name of the schema, which some APIs show to the model. Letters, digits, `_` and `-`, at most 64.
   * @default "output" for `objectOf`, "items" for `listOf`
   */
  readonly name?: string;
  /**
   * What the model is told to write, for a schema of a library that cannot say it as JSON Schema.
   * @default what the library says
   */
  readonly jsonSchema?: JsonSchema;
}

/** Options of `listOf`. */
export interface ListOptions<Thoughts extends string = string> extends OutputOptions<Thoughts> {
  /** Objects that one answer may have; an answer with more fails with `TOO_MANY_OUTPUTS`. @default 10000 */
  readonly maxItems?: number;
  /**
   * What becomes of a list in which some objects are invalid: `"fail"` makes the whole answer invalid, so that
   * it is asked for again; `"drop"` keeps the others, with a warning. A list with no valid object is invalid
   * either way. @default "fail"
   */
  readonly invalidItems?: "fail" | "drop";
}

const aName: OptionCheck = expecting(
  '1 to 64 letters, digits, "_" or "-"',
  (value) => typeof value === "string" && /^[A-Za-z0-9_-]{1,64}$/.test(value),
);

const TEXT_OPTIONS: OptionChecks<TextOutputOptions> = { thoughts: aColumn };

const OUTPUT_OPTIONS: OptionChecks<OutputOptions> = {
  ...TEXT_OPTIONS,
  name: aName,
  jsonSchema: anObject,
};

const LIST_OPTIONS: OptionChecks<ListOptions> = {
  ...OUTPUT_OPTIONS,
  maxItems: wholeNumber(1),
  invalidItems: oneOf("fail", "drop"),
};

/** @throws ParrotError `INVALID_OPTION` */
export function checkTextOptions(column: unknown, options: unknown): void {
  if (column !== undefined) checkArgument("text", "column", column, aColumn);
  checkOptions("text", options, TEXT_OPTIONS);
}

/** @throws ParrotError `INVALID_OPTION` */
export function checkOutputOptions(options: unknown): void {
  checkOptions("objectOf", options, OUTPUT_OPTIONS);
}

/** @throws ParrotError `INVALID_OPTION` */
export function checkListOptions(options: unknown): void {
  checkOptions("listOf", options, LIST_OPTIONS);
}
