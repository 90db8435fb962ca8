import type { SimStream } from "../../dialect.ts";
import { isObject, objectsIn, type JsonObject } from "../../json-value.ts";
import { EVENT_STREAM, namedEvent, piecesOf } from "../stream-pieces.ts";

/** How the Messages API streams. */
export const anthropicStream: SimStream = {
  contentType: EVENT_STREAM,

  write(body) {
    const { content, stop_reason, stop_sequence, stop_details, usage, ...message } = isObject(body)
      ? body
      : {};
    const { output_tokens, ...input } = isObject(usage) ? usage : {};
    const start = {
      ...message,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...input, output_tokens: 1 },
    };
    const ending = { stop_reason, stop_sequence, ...(stop_details !== undefined && { stop_details }) };
    return [
      namedEvent({ type: "message_start", message: start }),
      namedEvent({ type: "ping" }),
      ...objectsIn(content).flatMap((block, index) => blockEvents(block, index)),
      event("message_delta", { delta: ending, usage: { output_tokens } }),
      namedEvent({ type: "message_stop" }),
    ];
  },

  writeError: (body) => namedEvent({ ...(isObject(body) ? body : {}), type: "error" }),
};

function event(type: string, fields: object): string {
  return namedEvent({ type, ...fields });
}

function blockEvents(block: JsonObject, index: number): readonly string[] {
  return [
    event("content_block_start", { index, content_block: emptied(block) }),
    ...deltasOf(block).map((delta) => event("content_block_delta", { index, delta })),
    event("content_block_stop", { index }),
  ];
}

function emptied(block: JsonObject): object {
  const empty = { text: "", thinking: "", signature: "", input: {} };
  return { ...block, ...Object.fromEntries(Object.entries(empty).filter(([name]) => name in block)) };
}

function deltasOf({ type, text, thinking, signature, input }: JsonObject): readonly object[] {
  if (type === "tool_use")
    return ["", ...piecesOf(JSON.stringify(input))].map((partial_json) => ({
      type: "input_json_delta",
      partial_json,
    }));
  if (type !== "thinking") return piecesOf(text).map((piece) => ({ type: "text_delta", text: piece }));
  return [
    ...piecesOf(thinking).map((piece) => ({ type: "thinking_delta", thinking: piece })),
    { type: "signature_delta", signature },
  ];
}
