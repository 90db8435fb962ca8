import type { SimStream } from "../../dialect.ts";
import { isObject, objectsIn, type JsonObject } from "../../json-value.ts";
import { EVENT_STREAM, namedEvent, piecesOf } from "../stream-pieces.ts";

/** How version 2 of Cohere's chat API streams. */
export const cohereStream: SimStream = {
  contentType: EVENT_STREAM,

  write(body) {
    const { id, message, finish_reason, usage } = isObject(body) ? body : {};
    const { role, content, tool_calls: calls } = isObject(message) ? message : {};
    return [
      event("message-start", {
        id,
        delta: { message: { role, content: [], tool_calls: [], citations: [] } },
      }),
      ...objectsIn(content).flatMap((part, index) => partEvents(part, index)),
      ...objectsIn(calls).flatMap((call, index) => callEvents(call, index)),
      event("message-end", { id, delta: { finish_reason, usage } }),
    ];
  },

  writeError: (body) => namedEvent({ ...(isObject(body) ? body : {}), type: "error" }),
};

function event(type: string, fields: object): string {
  return namedEvent({ type, ...fields });
}

function partEvents(part: JsonObject, index: number): readonly string[] {
  const name = part["type"] === "thinking" ? "thinking" : "text";
  const delta = (content: object): object => ({ index, delta: { message: { content } } });
  return [
    event("content-start", delta({ ...part, [name]: "" })),
    ...piecesOf(part[name]).map((piece) => event("content-delta", delta({ [name]: piece }))),
    event("content-end", { index }),
  ];
}

function callEvents({ function: called, ...call }: JsonObject, index: number): readonly string[] {
  const { arguments: written, ...named } = isObject(called) ? called : {};
  const delta = (tool_calls: object): object => ({ index, delta: { message: { tool_calls } } });
  return [
    event("tool-call-start", delta({ ...call, function: { ...named, arguments: "" } })),
    ...piecesOf(written).map((piece) => event("tool-call-delta", delta({ function: { arguments: piece } }))),
    event("tool-call-end", { index }),
  ];
}
