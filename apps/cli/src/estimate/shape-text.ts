import { isRecord, type OutputShape, type Prompt } from "@parallel-parrot/core";
import type { Provider } from "@parallel-parrot/providers";

/** What a request says of the shape of answers, besides the prompt. */
export interface ShapeText {
  readonly text: string;
  /** Whether it is a message of its own, which the chat format puts tokens around. */
  readonly isMessage: boolean;
}

const NOTHING: ShapeText = { text: "", isMessage: false };

/** Any prompt without a system message: what is sent besides it is the same for all. */
const PROMPT: Prompt = { messages: [{ role: "user", content: "Hello" }] };

/**
 * What a provider's requests say of the shape, as they are sent: the words for it where they have these, as a schema
 * beside them only constrains the answer, and otherwise the fields that ask for it.
 */
export function shapeTextOf(provider: Provider, shape: OutputShape): ShapeText {
  if (shape.type === "text") return NOTHING;
  const bodyOf = (wanted: OutputShape): string =>
    provider.buildRequest({ prompt: PROMPT, params: {}, shape: wanted, n: 1 }, new Set()).body;
  const body = bodyOf(shape);
  const words = JSON.stringify(shape.instructions).slice(1, -1);
  if (body.includes(words)) return { text: shape.instructions, isMessage: true };
  return { text: fieldsAdded(JSON.parse(body), JSON.parse(bodyOf({ type: "text" }))), isMessage: false };
}

/** The fields of one body that the other does not have, as JSON. */
function fieldsAdded(body: unknown, other: unknown): string {
  if (!isRecord(body) || !isRecord(other)) return "";
  return Object.entries(body)
    .map(([name, value]) =>
      Object.hasOwn(other, name) ? fieldsAdded(value, other[name]) : JSON.stringify(value),
    )
    .join("");
}
