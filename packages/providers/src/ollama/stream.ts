import { fieldsOf, listOf, type Fields } from "../json-fields.ts";
import { append, assignTold, draftIn, listIn, type Draft } from "../streaming/merge.ts";
import type { Assembly, StreamForm } from "../streaming/stream-form.ts";

/** How Ollama's Chat API streams: an object on each line. */
export const OLLAMA_STREAM: StreamForm = {
  ask: ({ url, body }) => ({ url, body: askingForStream(body) }),
  assemble: () => new OllamaAssembly(),
};

const IN_ONE_PIECE = '"stream":false';

/** The field that asks for a stream comes last in the body, so that no text of the prompt is taken for it. */
function askingForStream(body: string): string {
  const at = body.lastIndexOf(IN_ONE_PIECE);
  return at < 0 ? body : `${body.slice(0, at)}"stream":true${body.slice(at + IN_ONE_PIECE.length)}`;
}

class OllamaAssembly implements Assembly {
  readonly #body: Draft = {};

  take({ message, ...others }: Fields): void {
    assignTold(this.#body, others);
    const { content, thinking, tool_calls: calls, ...rest } = fieldsOf(message);
    const draft = draftIn(this.#body, "message");
    assignTold(draft, rest);
    append(draft, "content", content);
    append(draft, "thinking", thinking);
    if (calls !== undefined) listIn(draft, "tool_calls").push(...listOf(calls));
  }

  body(): Fields | undefined {
    return this.#body["done"] === true ? this.#body : undefined;
  }
}
