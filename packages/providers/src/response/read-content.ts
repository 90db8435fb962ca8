import { fieldsOf, listOf, textOf } from "../json-fields.ts";

/** The text of a message's content, and the model's thoughts if the content includes them. */
export interface Content {
  readonly text: string;
  readonly thoughts: string;
}

const THOUGHTS: ReadonlySet<unknown> = new Set(["thinking", "reasoning", "reasoning_text", "summary_text"]);
const TEXTS: ReadonlySet<unknown> = new Set(["text", "output_text", undefined]);

/** Reads content that is a text, or on some servers a list of texts and of parts such as `{ type: "text", text }`. */
export function readContent(content: unknown): Content {
  if (typeof content === "string") return { text: content, thoughts: "" };
  const parts = Array.isArray(content) ? content.map(readPart) : [readPart(content)];
  return {
    text: parts.map(({ text }) => text).join(""),
    thoughts: parts.map(({ thoughts }) => thoughts).join(""),
  };
}

function readPart(part: unknown): Content {
  if (typeof part === "string") return { text: part, thoughts: "" };
  const { type, text, thinking } = fieldsOf(part);
  if (TEXTS.has(type)) return { text: textOf(text), thoughts: "" };
  if (!THOUGHTS.has(type)) return { text: "", thoughts: "" };
  // In Mistral's parts the thinking is again a list of texts.
  const inner = listOf(thinking).map((each) => textOf(fieldsOf(each)["text"]));
  return { text: "", thoughts: textOf(text) || textOf(thinking) || inner.join("") };
}
