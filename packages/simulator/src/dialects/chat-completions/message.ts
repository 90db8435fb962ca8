import type { SimMessage, SimShape } from "../../dialect.ts";
import { shapeOfTool, type Tool } from "../forced-tool.ts";
import { imageOfUrl } from "../images.ts";
import { asText, isObject, objectsIn, type JsonObject } from "../../json-value.ts";
import { textOf, type MessagePiece } from "../read-message.ts";

/** The roles that messages may have, and the simulator's names for them. */
export const OPENAI_ROLES: Readonly<Record<string, SimMessage["role"]>> = {
  system: "system",
  developer: "system",
  user: "user",
  assistant: "assistant",
  tool: "user",
  function: "user",
};

/** Reads a part of a message: `text`, or `image_url` with the URL in an object or alone. */
export function readOpenaiPart(part: JsonObject): MessagePiece {
  if (part["type"] !== "image_url") return textOf(part);
  const image = part["image_url"];
  const url = isObject(image) ? image["url"] : image;
  return typeof url === "string" ? imageOfUrl(url) : undefined;
}

/** The shape of an answer that must call a function; `undefined` if no call is forced. */
export function readForcedFunction({ tools, tool_choice: choice }: JsonObject): SimShape | undefined {
  return shapeOfTool(readFunctions(tools), wantedFunction(choice));
}

function readFunctions(tools: unknown): readonly Tool[] {
  return objectsIn(tools).flatMap(({ function: definition }) =>
    isObject(definition) ? [{ name: asText(definition["name"]), schema: definition["parameters"] }] : [],
  );
}

const FORCED: ReadonlySet<unknown> = new Set(["required", "any", "REQUIRED"]);

function wantedFunction(choice: unknown): string | boolean {
  const definition = isObject(choice) ? choice["function"] : undefined;
  return isObject(definition) ? asText(definition["name"]) : FORCED.has(choice);
}
