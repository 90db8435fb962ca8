import { fieldsOf, listOf, textOf, type Fields } from "../json-fields.ts";
import {
  appendParts,
  assignTold,
  draftAt,
  draftIn,
  inOrder,
  listIn,
  type Draft,
} from "../streaming/merge.ts";
import type { Assembly, StreamForm } from "../streaming/stream-form.ts";

/** How Gemini and Vertex AI stream: at another address. Without `alt=sse` the stream is one list. */
export const GEMINI_STREAM: StreamForm = {
  ask: ({ url, body }) => ({ url: streamUrl(url), body }),
  assemble: () => new GeminiAssembly(),
  alsoAsList: true,
};

function streamUrl(url: string): string {
  const streamed = url.replace(/:generateContent(?=\?|$)/, ":streamGenerateContent");
  return `${streamed}${streamed.includes("?") ? "&" : "?"}alt=sse`;
}

/** Each chunk has the form of a whole answer. */
class GeminiAssembly implements Assembly {
  readonly #body: Draft = {};
  readonly #candidates = new Map<number, Draft>();

  take({ candidates, ...others }: Fields): void {
    assignTold(this.#body, others);
    for (const [at, candidate] of listOf(candidates).map(fieldsOf).entries()) {
      const draft = draftAt(this.#candidates, candidate["index"], at);
      const { content, ...rest } = candidate;
      assignTold(draft, rest);
      const { parts, ...role } = fieldsOf(content);
      if (content === undefined) continue;
      assignTold(draftIn(draft, "content"), role);
      if (parts !== undefined) appendParts(listIn(draftIn(draft, "content"), "parts"), listOf(parts));
    }
  }

  body(): Fields | undefined {
    const candidates = inOrder(this.#candidates);
    const isBlocked = textOf(fieldsOf(this.#body["promptFeedback"])["blockReason"]) !== "";
    const isWhole = candidates.every(({ finishReason }) => textOf(finishReason) !== "");
    if (candidates.length === 0) return isBlocked ? this.#body : undefined;
    return isWhole ? { ...this.#body, candidates } : undefined;
  }
}
