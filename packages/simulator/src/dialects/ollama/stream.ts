import type { SimStream } from "../../dialect.ts";
import { isObject } from "../../json-value.ts";
import { piecesOf } from "../stream-pieces.ts";

/** How Ollama's Chat API streams: an object on each line. */
export const ollamaStream: SimStream = {
  contentType: "application/x-ndjson",

  write(body) {
    const { model, created_at, message, ...ending } = isObject(body) ? body : {};
    const { role, content, thinking } = isObject(message) ? message : {};
    const pieces = [
      ...piecesOf(thinking).map((piece) => ({ role, content: "", thinking: piece })),
      ...piecesOf(content).map((piece) => ({ role, content: piece })),
    ];
    const last = { model, created_at, message: { role, content: "" }, ...ending };
    return [...pieces.map((message) => line({ model, created_at, message, done: false })), line(last)];
  },

  writeError: line,
};

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
