/**
 * What a cell may be, and what every stage takes it for. Prompts, CSV, training files and what is shown of a row have
 * the cell's text, JSON files its JSON, and duplicates are found by its identity.
 *
 * | cell                                      | `cellText`                   | `stringifyJson`             | `cellIdentity`: the same as         |
 * | ----------------------------------------- | ---------------------------- | --------------------------- | ----------------------------------- |
 * | a text                                    | as it stands                 | in quotes                   | an equal text                       |
 * | half a surrogate pair in a text           | as it stands                 | escaped                     | itself                              |
 * | a number; `-0` is 0                       | as JavaScript prints it      | the same                    | a number or bigint of that value    |
 * | `NaN`, infinities                         | `NaN`, `Infinity`            | null                        | itself                              |
 * | a bigint                                  | its digits                   | its digits                  | a number or bigint of that value    |
 * | a number kept as it was written           | as it was written            | as it was written           | one that is written alike           |
 * | true, false                               | `true`, `false`              | the same                    | itself                              |
 * | null                                      | none                         | null                        | null, `undefined`                   |
 * | `undefined`                               | none                         | left out; in a list null    | null, `undefined`                   |
 * | a function                                | none                         | left out; in a list null    | itself                              |
 * | a symbol                                  | none                         | left out; in a list null    | a symbol of that name               |
 * | a list                                    | its JSON                     | a list                      | an equal list, set or typed array   |
 * | a plain object                            | its JSON                     | an object                   | one with equal members in any order |
 * | a `Map` whose keys are texts              | its JSON                     | an object                   | an equal map or plain object        |
 * | another `Map`                             | its JSON                     | a list of pairs             | one with equal pairs in this order  |
 * | a `Set`, a typed array                    | its JSON                     | a list                      | an equal list, set or typed array   |
 * | a `Date`, a `URL`, all that has a `toJSON`| what that says, without quotes| what that says             | what says the same, but is no text  |
 * | a date without a value                    | none                         | null                        | another such date                   |
 * | an instance of another class              | its JSON                     | an object of what it owns   | itself                              |
 * | what has a circular reference             | TypeError                    | TypeError                   | itself                              |
 */
import { isPlainObject } from "./is-object.ts";
import { jsonForm, stringifyJson } from "../json/stringify-json.ts";

/**
 * A cell as text, for prompts, CSV and training files; see the table at the head of this file. `undefined` where it
 * has none.
 *
 * @throws TypeError where the cell has a circular reference
 */
export function cellText(cell: unknown): string | undefined {
  if (typeof cell === "string") return cell;
  if (typeof cell === "number" || typeof cell === "boolean" || typeof cell === "bigint") return String(cell);
  if (cell === undefined || cell === null) return undefined;
  const json = stringifyJson(cell);
  if (json === undefined || json === "null") return undefined;
  return json.startsWith('"') ? String(JSON.parse(json)) : json;
}

/**
 * A text that is equal for two cells, or whole rows, that count as the same; see the table at the head of this file.
 * Members whose value is `undefined` do not count. What lies deeper than 500 levels is the same as itself alone.
 */
export function cellIdentity(cell: unknown): string {
  return identityOf(cell, []);
}

/** Deep enough for any data, and far from the end of the stack. */
const MAX_DEPTH = 500;

/** @param path the objects that the value lies in, from the outside in */
function identityOf(value: unknown, path: object[]): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return identityOfNumber(value);
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (value === null || value === undefined) return "null";
  if (typeof value === "symbol") return `#${String(value)}`;
  return typeof value === "function" ? ownIdentity(value) : identityOfObject(value, path);
}

function identityOfNumber(value: number): string {
  if (!Number.isFinite(value)) return `#${value}`;
  // Beyond 2^53 a number is printed with zeros or an exponent in place of its last digits.
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? String(BigInt(value)) : String(value + 0);
}

function identityOfObject(value: object, path: object[]): string {
  if (path.length >= MAX_DEPTH || path.includes(value)) return ownIdentity(value);
  path.push(value);
  // The mark keeps a date apart from the text that it is written as.
  const identity = hasToJson(value)
    ? `#${identityOfForm(value.toJSON(""), path)}`
    : identityOfForm(value, path);
  path.pop();
  return identity;
}

/** The identity of a value whose own `toJSON`, if any, has been asked. */
function identityOfForm(value: unknown, path: object[]): string {
  if (typeof value !== "object" || value === null) return identityOf(value, path);
  if (isPlainObject(value)) return identityOfMembers(value, path);
  const form = jsonForm(value);
  if (Array.isArray(form)) return identityOfItems(form, path);
  return isPlainObject(form) ? identityOfMembers(form, path) : ownIdentity(value);
}

function identityOfItems(items: readonly unknown[], path: object[]): string {
  const identities: string[] = [];
  // The list's own `map` would leave out holes, for which JSON writes null.
  for (const item of items) identities.push(identityOf(item, path));
  return `[${identities.join(",")}]`;
}

function identityOfMembers(value: Readonly<Record<string, unknown>>, path: object[]): string {
  const members: string[] = [];
  for (const key of Object.keys(value).toSorted()) {
    const member = value[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${identityOf(member, path)}`);
  }
  return `{${members.join(",")}}`;
}

function hasToJson(value: object): value is { toJSON(key: string): unknown } {
  return typeof (value as { readonly toJSON?: unknown }).toJSON === "function";
}

const ownIdentities = new WeakMap<object, number>();
let ownIdentityCount = 0;

/** A text that no other object has. */
function ownIdentity(value: object): string {
  let identity = ownIdentities.get(value);
  if (identity === undefined) {
    ownIdentityCount += 1;
    identity = ownIdentityCount;
    ownIdentities.set(value, identity);
  }
  return `#object ${identity}`;
}
