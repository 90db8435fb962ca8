import type { SimImage, SimMessage } from "../dialect.ts";
import { objectsIn, type JsonObject } from "../json-value.ts";

/** What a part of a message holds; `undefined` where nothing that can be read. */
export type MessagePiece = string | SimImage | undefined;

/** A message out of its content, which is a text or a list of parts. */
export function readMessage(
  role: SimMessage["role"],
  content: unknown,
  readPart: (part: JsonObject) => MessagePiece,
): SimMessage {
  if (typeof content === "string") return { role, parts: [content] };
  const parts: string[] = [];
  const images: SimImage[] = [];
  for (const part of objectsIn(content)) {
    const piece = readPart(part);
    if (typeof piece === "string") parts.push(piece);
    else if (piece !== undefined) images.push(piece);
  }
  return { role, parts, ...(images.length > 0 && { images }) };
}

/** A part's text, where it has one. */
export function textOf({ text }: JsonObject): string | undefined {
  return typeof text === "string" ? text : undefined;
}

/** A request's fields that are absent unless they have the right type. */
export function readLimits(
  maxTokens: unknown,
  stop: unknown,
): { readonly maxTokens?: number; readonly stop: readonly string[] } {
  return {
    ...(typeof maxTokens === "number" && { maxTokens }),
    stop: [stop].flat().filter((text) => typeof text === "string"),
  };
}
