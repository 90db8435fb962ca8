import { getCell, isRecord, type ParseJsonOptions } from "@parallel-parrot/core";
import { jsonInText } from "../extract/json-in-text.ts";
import type { KnownKeys } from "./known-keys.ts";

/** The elements of a list as a model may have written it. */
export interface Elements {
  readonly elements: readonly unknown[];
  /** Whether the answer is one bare element, with nothing that says it is a list. */
  readonly isBare: boolean;
}

/** How deep wrappers inside wrappers are searched. */
const MAX_DEPTH = 4;

/**
 * Finds what is wanted in what a model has put around it: objects of other keys, the form of a tool call, texts with
 * JSON in them. A thing is taken only where no other one in the answer could be meant.
 */
export class Unwrapper {
  readonly #known: KnownKeys;
  readonly #numbers: ParseJsonOptions;

  constructor(known: KnownKeys, numbers: ParseJsonOptions["numbers"]) {
    this.#known = known;
    this.#numbers = numbers === undefined ? {} : { numbers };
  }

  /**
   * The elements of a list: `{ items: [ … ] }` and any other object around one list, a bare list, an object of
   * numbered elements, or one bare element.
   */
  listElements(given: unknown, depth = 0): Elements {
    const value = this.#open(given);
    if (Array.isArray(value)) return { elements: value.map((each) => this.#element(each)), isBare: false };
    const bare: Elements = { elements: [value], isBare: true };
    if (!isRecord(value)) return bare;
    const own = Object.values(value);
    const isItem = this.#known.fit(value);
    const items = this.#open(getCell(value, "items"));
    if (Array.isArray(items) && (own.length === 1 || !isItem)) return this.listElements(items);
    if (isItem) return bare;
    const list = this.#onlyList(value, own);
    if (list !== undefined) return this.listElements(list);
    const members = this.#members(value);
    if (own.length > 0 && own.length === members.length && own.every((inner) => this.#known.touches(inner)))
      return { elements: own, isBare: false };
    if (depth === MAX_DEPTH) return bare;
    const inside = members
      .filter((inner) => !Array.isArray(inner) || inner.length > 0)
      .map((inner) => this.listElements(inner, depth + 1))
      .filter((found) => this.#isFound(found));
    const [only, ...others] = inside;
    if (only !== undefined) return others.length === 0 ? only : bare;
    const [inner] = members;
    return depth === 0 && own.length === 1 && isRecord(inner) ? this.listElements(inner, 1) : bare;
  }

  /** Whether what was found inside a wrapper can be what is wanted. */
  #isFound({ elements, isBare }: Elements): boolean {
    if (this.#known.names.length === 0) return false;
    if (isBare) return this.#known.fit(elements[0]);
    return elements.length === 0 || elements.some((element) => this.#known.touches(element));
  }

  /** The one object of an answer: itself, the only element of a list, or the only one in a wrapper. */
  oneObject(given: unknown, depth = 0): unknown {
    const value = this.#open(given);
    if (Array.isArray(value))
      return value.length === 1 && depth < MAX_DEPTH ? this.oneObject(value[0], depth + 1) : value;
    if (!isRecord(value) || depth === MAX_DEPTH || this.#known.names.length === 0 || this.#known.fit(value))
      return value;
    const members = this.#members(value);
    const inside = members
      .map((inner) => this.oneObject(inner, depth + 1))
      .filter((inner) => this.#known.fit(inner));
    const [only, ...others] = inside;
    if (only !== undefined) return others.length === 0 ? only : value;
    const [inner] = members;
    const isWrapper = Object.keys(value).length === 1 && !this.#known.touches(value);
    return isWrapper && inner !== undefined ? this.oneObject(inner, depth + 1) : value;
  }

  /** An element of a list, without a wrapper of its own. */
  #element(given: unknown): unknown {
    if (this.#known.fit(given)) return given;
    const element = this.oneObject(given);
    return this.#known.fit(element) ? element : this.#decoded(given);
  }

  /** The only list in an object that can be the one that is wanted. */
  #onlyList(
    object: Readonly<Record<string, unknown>>,
    own: readonly unknown[],
  ): readonly unknown[] | undefined {
    // A list beside something else that could be an element is not the whole answer.
    if (own.some((inner) => this.#known.fit(inner))) return undefined;
    const written = own.filter((inner) => Array.isArray(inner));
    const lists: unknown[][] =
      written.length > 0
        ? written
        : own.map((inner) => this.#decoded(inner)).filter((inner) => Array.isArray(inner));
    const fitting = lists.filter(
      (list) => list.length > 0 && list.every((each) => this.#known.fit(this.#element(each))),
    );
    if (fitting.length === 1) return fitting[0];
    const [list] = lists;
    if (lists.length !== 1 || list === undefined) return undefined;
    // Without known keys, an object with more than a list of objects may be an element itself.
    if (this.#known.names.length === 0) return own.length === 1 && list.every(isRecord) ? list : undefined;
    return this.#known.touches(object) ? undefined : list;
  }

  /** The members of an object that something may be wrapped in. */
  #members(object: Readonly<Record<string, unknown>>): unknown[] {
    return Object.entries(object).flatMap(([key, member]) => {
      const value = this.#decoded(member);
      if (!isRecord(value) && !Array.isArray(value)) return [];
      return key === "properties" && isEcho(value) ? [] : [value];
    });
  }

  /** A value without the form of a tool call around it, and as what its text is the JSON of. */
  #open(given: unknown): unknown {
    const value = this.#decoded(given);
    const call = this.#known.names.length === 0 ? undefined : callIn(value);
    if (call === undefined || this.#known.has(call.key)) return value;
    const inner = this.#open(call.arguments);
    return !this.#known.fit(value) || this.#mayHold(inner) ? inner : value;
  }

  /** Whether a value is what is wanted, or has a list that may be. */
  #mayHold(value: unknown): boolean {
    if (this.#known.fit(value)) return true;
    return isRecord(value) && Object.values(value).some((inner) => Array.isArray(this.#decoded(inner)));
  }

  #decoded(value: unknown): unknown {
    return typeof value === "string" ? (jsonInText(value, this.#numbers) ?? value) : value;
  }
}

const CALL_KEYS: ReadonlySet<string> = new Set(["id", "call_id", "index", "type", "name", "function"]);
const ARGUMENT_KEYS: ReadonlySet<string> = new Set(["arguments", "parameters", "input", "args"]);
/** Keys of which each tool call has one. */
const CALL_FORMS: readonly string[] = [...ARGUMENT_KEYS, "tool_calls", "function"];

/** The arguments of a tool call, in the forms that APIs have for it, and the key they were under. */
function callIn(value: unknown): { readonly key: string; readonly arguments: unknown } | undefined {
  if (!isRecord(value) || !CALL_FORMS.some((key) => Object.hasOwn(value, key))) return undefined;
  const calls = getCell(value, "tool_calls");
  if (Array.isArray(calls) && calls.length === 1 && isRecord(calls[0]))
    return { key: "tool_calls", arguments: calls[0] };
  const others = Object.keys(value).filter((key) => !CALL_KEYS.has(key));
  const inner = getCell(value, "function");
  if (others.length === 0 && isRecord(inner) && callIn(inner) !== undefined)
    return { key: "function", arguments: inner };
  const [key, ...more] = others;
  if (key === undefined || more.length > 0 || !ARGUMENT_KEYS.has(key)) return undefined;
  const given = value[key];
  const isCall = typeof getCell(value, "name") === "string" && (isRecord(given) || typeof given === "string");
  return isCall ? { key, arguments: given } : undefined;
}

const TYPES: ReadonlySet<unknown> = new Set([
  "string",
  "number",
  "integer",
  "boolean",
  "object",
  "array",
  "null",
]);

/** Whether the `properties` of an object are those of a schema, which a model may repeat in place of an answer. */
function isEcho(properties: unknown): boolean {
  const values = Object.values(Object(properties));
  return (
    values.length > 0 &&
    values.every(
      (value) =>
        isRecord(value) &&
        ["type", "$ref", "enum", "anyOf"].some((keyword) => Object.hasOwn(value, keyword)) &&
        (value["type"] === undefined || TYPES.has([value["type"]].flat()[0])),
    )
  );
}
