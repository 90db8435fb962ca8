import type { SimRequest, SimStream } from "../../dialect.ts";
import { isObject, objectsIn, type JsonObject } from "../../json-value.ts";
import { dataEvent, EVENT_STREAM, piecesOf } from "../stream-pieces.ts";

/** How Chat Completions streams: the usage comes if it is asked for, or `always`. */
export function chatStream(usage: "asked" | "always"): SimStream {
  return {
    contentType: EVENT_STREAM,
    write: (body, request) =>
      writeChunks(isObject(body) ? body : {}, usage === "always" || asksUsage(request)),
    writeError: dataEvent,
  };
}

function asksUsage({ params }: SimRequest): boolean {
  const { stream_options: options } = params;
  return isObject(options) && options["include_usage"] === true;
}

function writeChunks({ choices, usage, ...body }: JsonObject, tellsUsage: boolean): readonly string[] {
  const head = { ...body, object: "chat.completion.chunk" };
  const chunks = objectsIn(choices).flatMap((choice) => choiceChunks(choice));
  const last = tellsUsage ? [dataEvent({ ...head, choices: [], usage })] : [];
  return [
    ...chunks.map((choice) => dataEvent({ ...head, choices: [choice], ...(tellsUsage && { usage: null }) })),
    ...last,
    "data: [DONE]\n\n",
  ];
}

function choiceChunks({ index, message, finish_reason }: JsonObject): readonly object[] {
  const {
    role,
    content,
    refusal,
    reasoning_content: thoughts,
    tool_calls: calls,
  } = isObject(message) ? message : {};
  const deltas: object[] = [
    { role, content: typeof content === "string" ? "" : null },
    ...piecesOf(thoughts).map((piece) => ({ reasoning_content: piece })),
    ...(Array.isArray(content) ? content.map((part: unknown) => ({ content: [part] })) : []),
    ...piecesOf(content).map((piece) => ({ content: piece })),
    ...piecesOf(refusal).map((piece) => ({ refusal: piece })),
    ...objectsIn(calls).flatMap((call, at) => callDeltas(call, at)),
  ];
  const chunk = (delta: object, reason: unknown): object => ({
    index,
    delta,
    logprobs: null,
    finish_reason: reason,
  });
  return [...deltas.map((delta) => chunk(delta, null)), chunk({}, finish_reason)];
}

function callDeltas({ function: called, ...call }: JsonObject, index: number): readonly object[] {
  const { arguments: written, ...named } = isObject(called) ? called : {};
  return [
    { tool_calls: [{ index, ...call, function: { ...named, arguments: "" } }] },
    ...piecesOf(written).map((piece) => ({
      tool_calls: [{ index, function: { arguments: piece } }],
    })),
  ];
}
