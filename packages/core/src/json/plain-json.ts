import { isBoxedPrimitive } from "node:util/types";
import { jsonForm } from "./stringify-json.ts";
import { isWrittenNumber } from "./written-number.ts";

/** Deep enough for any data. What has itself in it has no end, and is found here too. */
const MAX_DEPTH = 500;

/** How {@linkcode plainJson} makes a value plain. */
export interface PlainJsonOptions {
  /** Gets every key of every object. */
  readonly onKey?: (key: string) => void;
}

/**
 * A value as lists and objects that hold nothing but texts, numbers, booleans, bigints and nulls, which is how
 * `stringifyJson` writes it: for a writer of JSON that asks values themselves, at a time when an error of theirs can
 * no longer be told of the right row. Objects have no prototype. `undefined` for what JSON has no form for.
 *
 * @throws RangeError for what is deeper than 500 levels, has itself in it, or holds a number that was kept as it was
 * written: none of these can be plain; and what a `toJSON` throws
 */
export function plainJson(value: unknown, { onKey }: PlainJsonOptions = {}): unknown {
  return plain("", value, 0, onKey);
}

function plain(
  key: string,
  given: unknown,
  depth: number,
  onKey: ((key: string) => void) | undefined,
): unknown {
  const value = typeof given === "object" && given !== null ? formOf(key, given) : given;
  if (typeof value !== "object" || value === null)
    return typeof value === "function" || typeof value === "symbol" ? undefined : value;
  if (depth === MAX_DEPTH) throw new RangeError(`it is nested deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    // The list's own `map` would leave out holes.
    return Array.from(value, (item: unknown, place) => plain(String(place), item, depth + 1, onKey) ?? null);
  }
  const members: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const name of Object.keys(value)) {
    const member = plain(name, (value as Readonly<Record<string, unknown>>)[name], depth + 1, onKey);
    if (member === undefined) continue;
    onKey?.(name);
    members[name] = member;
  }
  return members;
}

/** What an object is written as: what its `toJSON` says, and then JSON's form of that. */
function formOf(key: string, given: object): unknown {
  const { toJSON } = given as { readonly toJSON?: unknown };
  const said: unknown = typeof toJSON === "function" ? Reflect.apply(toJSON, given, [key]) : given;
  if (typeof said !== "object" || said === null) return said;
  if (isWrittenNumber(said)) throw new RangeError("it holds a number that is kept as it was written");
  return isBoxedPrimitive(said) ? said.valueOf() : jsonForm(said);
}
