import { isObject, parseJson, type JsonObject } from "../../json-value.ts";

/** The most characters of the instructions that are read. */
const MAX_INSTRUCTIONS = 20_000;

/** The most opening brackets at which JSON is looked for. */
const MAX_TRIES = 40;

/** Names of keys whose value is a list of the wanted objects. */
const WRAPPER =
  /^(?:items|results?|data|list|rows|pairs|objects|entries|records|outputs?|answers|questions)$/;

const IS_LIST = /\b(?:lists?|arrays?|pairs|objects|items|each|several|many|multiple|every)\b/i;

/**
 * Makes a JSON Schema of what the instructions ask for: from a JSON Schema in their text, else from an example of JSON,
 * else from the names of keys.
 */
export function schemaFromInstructions(instructions: string): JsonObject {
  const text = instructions.slice(0, MAX_INSTRUCTIONS);
  const examples = findJson(text);
  const schema = examples.find(isSchema);
  if (isObject(schema)) return schema;
  const example = examples.find((value) => isObject(value) || (Array.isArray(value) && isObject(value[0])));
  if (example !== undefined) return schemaOfExample(example);
  return schemaOfKeys(text);
}

/** Finds the JSON values in a text, and no values inside of others. */
function findJson(text: string): unknown[] {
  const values: unknown[] = [];
  let end = 0;
  for (const { index } of text.matchAll(/[[{]/g).take(MAX_TRIES)) {
    if (index < end) continue;
    const close = findEnd(text, index);
    const value = close === undefined ? undefined : parseJson(text.slice(index, close));
    if (value === undefined || close === undefined) continue;
    values.push(value);
    end = close;
  }
  return values;
}

/** Finds the end of the bracket at `start`. */
function findEnd(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"') at = endOfString(text, at);
    else if (char === "{" || char === "[") depth += 1;
    else if ((char === "}" || char === "]") && --depth === 0) return at + 1;
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text.charAt(at) === "\\") at += 1;
    else if (text.charAt(at) === '"') return at;
  }
  return text.length;
}

function isSchema(value: unknown): boolean {
  if (!isObject(value)) return false;
  const isTyped = value["type"] === "object" || value["type"] === "array";
  return (
    (isTyped && (isObject(value["properties"]) || isObject(value["items"]))) || value["$schema"] !== undefined
  );
}

function schemaOfExample(value: unknown): JsonObject {
  if (Array.isArray(value)) return { type: "array", items: schemaOfExample(value[0]) };
  if (isObject(value)) {
    const properties = Object.entries(value).map(([key, cell]) => [key, schemaOfExample(cell)] as const);
    return { type: "object", properties: Object.fromEntries(properties), required: Object.keys(value) };
  }
  if (typeof value === "number") return { type: Number.isInteger(value) ? "integer" : "number" };
  return { type: typeof value === "boolean" ? "boolean" : "string" };
}

function schemaOfKeys(text: string): JsonObject {
  const keys = findKeys(text);
  if (keys.length === 0) return objectOf(["answer"]);
  const wrapper = keys.find((key) => WRAPPER.test(key));
  if (wrapper !== undefined && keys.length > 1)
    return wrap(
      wrapper,
      keys.filter((key) => key !== wrapper),
    );
  return IS_LIST.test(text) ? wrap("items", keys) : objectOf(keys);
}

function objectOf(keys: readonly string[]): JsonObject {
  const properties = Object.fromEntries(keys.map((key) => [key, { type: "string" }]));
  return { type: "object", properties, required: keys };
}

function wrap(wrapper: string, keys: readonly string[]): JsonObject {
  const properties = { [wrapper]: { type: "array", items: objectOf(keys) } };
  return { type: "object", properties, required: [wrapper] };
}

/** Finds quoted names before a colon, else names after a word such as "keys", else any quoted names. */
function findKeys(text: string): string[] {
  const beforeColon = namesIn(text, /["'`]([\p{L}_][\p{L}\p{N} _-]{0,60})["'`]\s*:/gu);
  if (beforeColon.length > 0) return beforeColon;
  const list = /\b(?:keys?|fields?|properties|columns|attributes)\b([^\n]{0,300})/i.exec(text)?.[1] ?? "";
  const quoted = namesIn(list, /["'`“‘]([\p{L}_][\p{L}\p{N} _-]{0,60})["'`”’]/gu);
  if (quoted.length > 0) return quoted;
  const [, bare = ""] =
    /^(?: named| called| are)?[:\s]+((?:[\p{L}_][\p{L}\p{N}_-]*(?:,? and |, ?|$|(?=[.;\n])))+)/u.exec(list) ??
    [];
  const plain = bare.split(/,? and |, ?/).filter((name) => name !== "");
  return plain.length > 0 ? plain : namesIn(text, /["`“]([\p{L}_][\p{L}\p{N}_-]{0,40})["`”]/gu);
}

function namesIn(text: string, pattern: RegExp): string[] {
  return [...new Set(Array.from(text.matchAll(pattern), ([, name = ""]) => name))];
}
