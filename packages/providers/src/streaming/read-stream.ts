import { hasTooManyValues, isRecord, stringifyJson } from "@parallel-parrot/core";
import { readErrorBody, saysAnything } from "../errors/error-body.ts";
import { isSuccess } from "../errors/rejected.ts";
import { parseJson, parseWritten, textOf, type Fields } from "../json-fields.ts";
import type { ProviderResponse } from "../provider.ts";
import { eachEvent, isEventStream } from "./event-stream.ts";
import type { Assembly, StreamForm } from "./stream-form.ts";

/** What a stream comes to. */
export type StreamReading =
  /** The body that the API would have sent in one piece. */
  | { readonly kind: "whole"; readonly body: string }
  /** The body of an error. If the answer `hasBegun`, it may have been paid for. */
  | { readonly kind: "error"; readonly body: string; readonly hasBegun: boolean }
  | { readonly kind: "broken" };

/** Reads a response that is a stream; `undefined` if it is none. */
export function readStream(response: ProviderResponse, form: StreamForm): StreamReading | undefined {
  const { body } = response;
  const each = piecesOf(body, form);
  if (each === undefined) return undefined;
  const events = new EventReader(form.assemble());
  each((data, name) => events.take(data, name));
  // What is no JSON at all is a text of a stranger that looks like a stream.
  if (!events.hasBegun && events.error === undefined) return undefined;
  if (!isSuccess(response)) return { kind: "error", body: events.error ?? events.first, hasBegun: false };
  const { hasBegun, error = errorBehind(body) } = events;
  if (error !== undefined) return { kind: "error", body: error, hasBegun };
  const whole = events.whole();
  return whole === undefined ? { kind: "broken" } : { kind: "whole", body: stringifyJson(whole) ?? "" };
}
/** Gives each piece of a stream to a function. */
type EachPiece = (take: (data: string, name?: string) => void) => void;

/** The pieces of a stream; `undefined` if the body is none. */
function piecesOf(body: string, form: StreamForm): EachPiece | undefined {
  if (isEventStream(body)) return (take) => eachEvent(body, ({ data, event }) => take(data, event));
  const texts = linesOf(body) ?? (form.alsoAsList === true ? elementsOf(body) : undefined);
  return texts && ((take) => texts.forEach((text) => take(text)));
}

/** The lines of a body of which each is an object, as some servers stream; `undefined` of any other. */
function linesOf(body: string): readonly string[] | undefined {
  // An answer in one piece has no line that begins so, and is told apart at once.
  if (!body.includes("\n{") || !body.trimStart().startsWith("{") || parseJson(body) !== undefined)
    return undefined;
  const lines = body.split("\n").filter((line) => line.trim() !== "");
  return isRecord(parseJson(lines[0] ?? "")) ? lines : undefined;
}

/** The elements of a body that is a list of several; `undefined` of any other. */
function elementsOf(body: string): readonly string[] | undefined {
  const list = body.trimStart().startsWith("[") ? parseWritten(body) : undefined;
  if (!Array.isArray(list) || list.length < 2) return undefined;
  return list.map((element) => stringifyJson(element) ?? "");
}

/** Some servers and gateways write an error as plain JSON behind the events. */
function errorBehind(body: string): string | undefined {
  const at = body.search(/^[[{]/m);
  if (at <= 0) return undefined;
  const rest = body.slice(at);
  return saysAnything(readErrorBody(parseJson(rest))) ? rest : undefined;
}

/** Reads the events of one answer until there is an error. */
class EventReader {
  readonly #assembly: Assembly;
  hasBegun = false;
  /** The data of the first event that is JSON. */
  first = "";
  /** The body of the error that ended the stream. */
  error: string | undefined;
  #isMarked = false;

  constructor(assembly: Assembly) {
    this.#assembly = assembly;
  }

  take(data: string, name?: string): void {
    if (this.error !== undefined) return;
    if (data.trim() === "[DONE]") this.#isMarked = true;
    const parsed = hasTooManyValues(data, true) ? undefined : parseWritten(data);
    const event: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
    if (!isRecord(event)) return;
    if (!this.hasBegun) this.first = data;
    this.error = errorOf(event, data, name);
    if (this.error !== undefined) return;
    this.hasBegun = true;
    this.#assembly.take(event, textOf(event["type"]) || (name ?? ""));
  }

  whole(): Fields | undefined {
    return this.#assembly.body(this.#isMarked);
  }
}

/** The body of the error that an event tells; `undefined` if it tells none. */
function errorOf(event: Fields, data: string, name: string | undefined): string | undefined {
  const { error, type } = event;
  if (error !== undefined && error !== null && saysAnything(readErrorBody({ error }))) return data;
  return name === "error" || type === "error" ? `{"error":${data}}` : undefined;
}
