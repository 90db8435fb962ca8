import { isRecord } from "@parallel-parrot/core";
import { fieldsOf, parseJson, type Fields } from "../json-fields.ts";

/** The fields that servers and gateways put an error into, the likelier ones first. */
const WRAPPERS = [
  "error",
  "Error",
  "errors",
  "detail",
  "details",
  "base_resp",
  "fault",
  "data",
  "response",
  "Response",
  "result",
  "body",
  "metadata",
  "raw",
  "message",
  "msg",
] as const;

/** Fields that repeat the request or hold an answer: their words are not those of an error. */
const ECHOES: ReadonlySet<string> = new Set([
  "choices",
  "input",
  "messages",
  "param",
  "params",
  "parameters",
  "prompt",
  "request",
  "usage",
]);

/** No error is wrapped more often, and a body from a stranger may be. */
const MAX_DEPTH = 5;
const MAX_LAYERS = 50;

/**
 * The objects that an error may be told in, from the outermost to the innermost: through lists, of which the first
 * element counts, and through JSON that is written in a text. Where no known field leads to another object, all fields
 * are followed.
 */
export function errorLayers(body: unknown): readonly Fields[] {
  const layers: Fields[] = [];
  collect(body, WRAPPERS, layers, 0);
  const hasInner = layers.length > 1;
  if (!hasInner && isRecord(layers[0])) collectFields(layers[0], others(layers[0]), layers, 1);
  return layers;
}

function collect(value: unknown, names: readonly string[], layers: Fields[], depth: number): void {
  if (depth > MAX_DEPTH || layers.length >= MAX_LAYERS) return;
  const inner = unpack(value);
  if (!isRecord(inner)) return;
  layers.push(inner);
  collectFields(inner, names, layers, depth + 1);
}

function collectFields(fields: Fields, names: readonly string[], layers: Fields[], depth: number): void {
  for (const name of names) if (Object.hasOwn(fields, name)) collect(fields[name], WRAPPERS, layers, depth);
}

function others(fields: Fields): readonly string[] {
  return Object.keys(fields).filter((name) => !ECHOES.has(name));
}

/** The first element of a list, and the value of a JSON text; a text in a list becomes an error with that message. */
function unpack(value: unknown): unknown {
  if (!Array.isArray(value)) return typeof value === "string" ? jsonIn(value) : value;
  let first: unknown = value;
  // A list within too many lists is returned as it is: it is not an object, so nothing is read from it.
  for (let depth = 0; Array.isArray(first) && depth <= MAX_DEPTH; depth++) first = first[0];
  return typeof first === "string" ? { message: first } : first;
}

/** The object or list that a text is the JSON of; `undefined` for any other text. */
export function jsonIn(text: string): unknown {
  const value = /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
  return Array.isArray(value) ? fieldsOf(value[0]) : value;
}
