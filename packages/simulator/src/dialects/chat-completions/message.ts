import type { Caching } from "../../caching/caching.ts";
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

/** Whether there is a mark for the prompt cache behind a part of a message. */
export function hasOpenaiMark({ prompt_cache_breakpoint: mark }: JsonObject): boolean {
  return isObject(mark);
}

/** Which beginnings of a prompt OpenAI keeps: they end at marks from GPT-5.6 on, and before that anywhere. */
export function openaiCaching({ model, prompt_cache_options: options }: JsonObject): Caching {
  if (!/^gpt-(?:5\.[6-9]|[6-9])/.test(asText(model))) return "blocks";
  return isObject(options) && options["mode"] === "explicit" ? "marks" : "newest";
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
