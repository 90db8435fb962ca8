import type { SimStream } from "../../dialect.ts";
import { isObject, objectsIn, type JsonObject } from "../../json-value.ts";
import { dataEvent, EVENT_STREAM, piecesOf } from "../stream-pieces.ts";

/** How `streamGenerateContent` streams: each chunk has the form of a whole answer. */
export const geminiStream: SimStream = {
  contentType: EVENT_STREAM,

  write(body) {
    const { candidates, ...rest } = isObject(body) ? body : {};
    const chunks = objectsIn(candidates).flatMap((candidate) => candidateChunks(candidate));
    // An answer without candidates is one chunk: the prompt was blocked.
    if (chunks.length === 0) return [dataEvent(body)];
    return chunks.map((candidate) => dataEvent({ candidates: [candidate], ...rest }));
  },

  writeError: dataEvent,
};

function candidateChunks({ content, finishReason, index }: JsonObject): readonly object[] {
  const { parts, role } = isObject(content) ? content : {};
  const pieces = objectsIn(parts).flatMap((part) => partPieces(part));
  const chunks = pieces.map((part) => ({ content: { parts: [part], role }, index }));
  return [...chunks, { ...(isObject(content) && { content: { role } }), finishReason, index }];
}

function partPieces({ text, ...part }: JsonObject): readonly object[] {
  return typeof text === "string" ? piecesOf(text).map((piece) => withText(part, piece)) : [part];
}

function withText(part: JsonObject, text: string): object {
  return { text, ...part };
}
