import { ParrotError } from "@parallel-parrot/core";

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

/** @throws ParrotError `INVALID_OPTION` */
export function requireName(name: string): void {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(name)) return;
  refuse("name", `expected 1 to 64 letters, digits, "_" or "-", got ${JSON.stringify(name)}`);
}

/** @throws ParrotError `INVALID_OPTION` */
export function requireListOptions(options: Required<Omit<ListOptions, "thoughts">>): void {
  const { name, maxItems, invalidItems } = options;
  requireName(name);
  if (!(Number.isInteger(maxItems) && maxItems > 0))
    refuse("maxItems", `expected a whole number above 0, got ${String(maxItems)}`);
  if (invalidItems !== "fail" && invalidItems !== "drop")
    refuse("invalidItems", `expected "fail" or "drop", got ${JSON.stringify(invalidItems)}`);
}

function refuse(option: string, why: string): never {
  throw new ParrotError("INVALID_OPTION", `Cannot use the option ${option}: ${why}`, { option });
}
