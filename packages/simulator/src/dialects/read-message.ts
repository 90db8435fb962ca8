import type { SimImage, SimMessage } from "../dialect.ts";
import { objectsIn, type JsonObject } from "../json-value.ts";

/** The text or image of a part of a message; `undefined` if the part has neither. */
export type MessagePiece = string | SimImage | undefined;

/**
 * Reads a message whose content is a text or a list of parts. A text that is cut in two by a mark for the prompt cache
 * stays one text, as it does for a model.
 *
 * @param hasMark whether there is a mark behind a part
 */
export function readMessage(
  role: SimMessage["role"],
  content: unknown,
  readPart: (part: JsonObject) => MessagePiece,
  hasMark: (part: JsonObject) => boolean = () => false,
): SimMessage {
  if (typeof content === "string") return { role, parts: [content] };
  const parts: string[] = [];
  const images: SimImage[] = [];
  const marks: number[] = [];
  let isCut = false;
  for (const part of objectsIn(content)) {
    const piece = readPart(part);
    if (typeof piece === "string") parts.push(isCut ? `${parts.pop() ?? ""}${piece}` : piece);
    else if (piece !== undefined) images.push(piece);
    isCut = hasMark(part);
    if (isCut) marks.push(parts.join("\n").length);
  }
  return {
    role,
    parts,
    ...(images.length > 0 && { images }),
    ...(marks.length > 0 && { marks }),
  };
}

/** The text of a part, if it has one. */
export function textOf({ text }: JsonObject): string | undefined {
  return typeof text === "string" ? text : undefined;
}

/** Reads the limit of tokens and the stop texts of a request; values of a wrong type count as absent. */
export function readLimits(
  maxTokens: unknown,
  stop: unknown,
): { readonly maxTokens?: number; readonly stop: readonly string[] } {
  return {
    ...(typeof maxTokens === "number" && { maxTokens }),
    stop: [stop].flat().filter((text) => typeof text === "string"),
  };
}
