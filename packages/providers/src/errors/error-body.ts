import { errorLayers, jsonIn } from "./error-layers.ts";
import { fieldsOf, listOf, type Fields } from "../json-fields.ts";

/** What an error body says, whatever it is wrapped in; an absent field is empty. */
export interface ErrorBody {
  readonly message: string;
  /** A word where there is one, and else a number. */
  readonly code: string;
  readonly type: string;
  readonly param: string;
  /** The HTTP status that the body tells. */
  readonly status?: number;
  /** The messages of Google's APIs about an error, such as `google.rpc.QuotaFailure`. */
  readonly details?: readonly Fields[];
}

const MESSAGES = [
  "message",
  "Message",
  "msg",
  "error_msg",
  "status_msg",
  "error_message",
  "errorMessage",
  "error_description",
  "faultstring",
  "raw",
  "detail",
  "error",
  "title",
];
const CODES = ["code", "Code", "error_code", "errorCode", "errorcode", "err_code", "status_code", "status"];
const TYPES = ["type", "error_type", "__type"];
const STATUSES = ["code", "status", "status_code", "statusCode", "http_code", "error_code"];

/** Words that every error of some servers has, or that say that nothing is wrong: they tell nothing. */
const EMPTY_WORDS: ReadonlySet<string> = new Set([
  "",
  "0",
  "200",
  "error",
  "fail",
  "failed",
  "none",
  "null",
  "ok",
  "success",
]);

/**
 * Reads an error of any server: nested under `error`, flat, in a list, wrapped once more by a gateway or written as
 * JSON into a message; also the list of faults that FastAPI servers send. The innermost object says the code, and the
 * messages of all are put together.
 */
export function readErrorBody(body: unknown): ErrorBody {
  const layers = errorLayers(body);
  const inner = layers.toReversed();
  const codes = inner.flatMap((layer) => textsOf(layer, CODES));
  const words = codes.find((code) => !/^-?\d+$/.test(code));
  const status = inner
    .flatMap((layer) => textsOf(layer, STATUSES))
    .map(Number)
    .find((code) => code >= 400 && code < 600);
  const details = inner
    .map((layer) => listOf(layer["details"]).map(fieldsOf))
    .find((list) => list.length > 0);
  return {
    message: joinMessages(layers.map(messageOf)),
    code: words ?? codes[0] ?? wordOf(layers),
    type: inner.flatMap((layer) => textsOf(layer, TYPES))[0] ?? "",
    param: inner.map(paramOf).find((param) => param !== "") ?? "",
    ...(status === undefined ? {} : { status }),
    ...(details === undefined ? {} : { details }),
  };
}

/** Whether a body says in any words that something is wrong. */
export function saysAnything({ message, code }: ErrorBody): boolean {
  return message !== "" || code !== "";
}

/** The texts and numbers of the fields that are there and tell something. */
function textsOf(fields: Fields, names: readonly string[]): string[] {
  return names.map((name) => textOf(fields[name])).filter((text) => !EMPTY_WORDS.has(text.toLowerCase()));
}

function messageOf(fields: Fields): string {
  const { loc, msg } = fields;
  // FastAPI: `{ loc: ["body", "seed"], msg: "Extra inputs are not permitted", type: "extra_forbidden" }`.
  if (Array.isArray(loc)) return [paramOf(fields), textOf(msg)].filter((text) => text !== "").join(": ");
  return textsOf(fields, MESSAGES).find((text) => jsonIn(text) === undefined) ?? "";
}

/** The word of `{ error: "invalid_request", error_description: "…" }`, whose message is elsewhere. */
function wordOf(layers: readonly Fields[]): string {
  const words = layers.filter((layer) => textOf(layer["error"]) !== messageOf(layer));
  return words.map((layer) => textOf(layer["error"])).find((word) => /^\w+$/.test(word)) ?? "";
}

function paramOf({ param, loc }: Fields): string {
  if (!Array.isArray(loc)) return textsOf({ param }, ["param"])[0] ?? "";
  return loc
    .filter((step) => step !== "body")
    .map(String)
    .join(".");
}

/**
 * More than is ever shown, so that a key at its end is not cut in two where it could be seen. Expressions with gaps, such
 * as `model … not found`, read each character again for every beginning, and a body may have megabytes.
 */
const MAX_MESSAGE = 64 * 1024;

/** Gateways repeat the message of the server behind them, or put their own before it. */
function joinMessages(messages: readonly string[]): string {
  const said: string[] = [];
  for (const message of messages)
    if (message !== "" && !said.some((earlier) => earlier.includes(message))) said.push(message);
  return said.join(": ").slice(0, MAX_MESSAGE);
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value.trim();
  return typeof value === "number" ? String(value) : "";
}
