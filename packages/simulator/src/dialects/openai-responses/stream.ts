import type { SimStream } from "../../dialect.ts";
import { asText, isObject, objectsIn, type JsonObject } from "../../json-value.ts";
import { EVENT_STREAM, namedEvent, piecesOf, type StreamEvent } from "../stream-pieces.ts";

/** How the Responses API streams: its last event has the whole answer. */
export const responsesStream: SimStream = {
  contentType: EVENT_STREAM,

  write(body) {
    const response = isObject(body) ? body : {};
    const begun = { ...response, status: "in_progress", output: [], usage: null };
    const events: readonly StreamEvent[] = [
      { type: "response.created", response: begun },
      { type: "response.in_progress", response: begun },
      ...objectsIn(response["output"]).flatMap((item, at) => itemEvents(item, at)),
      { type: `response.${asText(response["status"])}`, response },
    ];
    return events.map((event, sequence_number) => namedEvent({ ...event, sequence_number }));
  },

  writeError(body) {
    const error = isObject(body) && isObject(body["error"]) ? body["error"] : {};
    return namedEvent({ ...error, type: "error" });
  },
};

function itemEvents(item: JsonObject, output_index: number): readonly StreamEvent[] {
  const { id: item_id, content, arguments: written } = item;
  const place = { item_id, output_index };
  const begun = {
    ...item,
    ...(content !== undefined && { content: [] }),
    ...(written !== undefined && { arguments: "" }),
  };
  return [
    { type: "response.output_item.added", output_index, item: begun },
    ...objectsIn(content).flatMap((part, at) => partEvents(part, { ...place, content_index: at })),
    ...piecesOf(written).map((delta) => deltaEvent("response.function_call_arguments.delta", place, delta)),
    { type: "response.output_item.done", output_index, item },
  ];
}

function partEvents(part: JsonObject, place: object): readonly StreamEvent[] {
  const name = part["type"] === "refusal" ? "refusal" : "text";
  const delta = `response.${name === "text" ? "output_text" : name}.delta`;
  return [
    { type: "response.content_part.added", ...place, part: { ...part, [name]: "" } },
    ...piecesOf(part[name]).map((piece) => deltaEvent(delta, place, piece)),
    { type: "response.content_part.done", ...place, part },
  ];
}

function deltaEvent(type: string, place: object, delta: string): StreamEvent {
  return { type, ...place, delta };
}
