import { fieldsOf, parseWritten, textOf, type Fields } from "../json-fields.ts";
import { append, assignTold, draftIn, inOrder, listIn, madeAt, type Draft } from "../streaming/merge.ts";
import { withFields, type Assembly, type StreamForm } from "../streaming/stream-form.ts";

/** How the Messages API streams. */
export const ANTHROPIC_STREAM: StreamForm = {
  ask: ({ url, body }) => ({ url, body: withFields(body, '"stream":true') }),
  assemble: () => new MessageAssembly(),
};

/** The field that each type of delta has a piece of. */
const PIECES: Readonly<Record<string, string>> = {
  text_delta: "text",
  thinking_delta: "thinking",
  signature_delta: "signature",
};

class MessageAssembly implements Assembly {
  readonly #message: Draft = {};
  readonly #blocks = new Map<number, Draft>();
  /** The JSON of each call's arguments. */
  readonly #inputs = new Map<number, Draft>();

  take(event: Fields, name?: string): void {
    const { index, message, content_block: block, delta, usage } = event;
    switch (textOf(event["type"]) || (name ?? "")) {
      case "message_start":
        assignTold(this.#message, fieldsOf(message));
        return;
      case "content_block_start":
        assignTold(this.#blockAt(index), fieldsOf(block));
        return;
      case "content_block_delta":
        this.#addPiece(index, fieldsOf(delta));
        return;
      case "message_delta":
        assignTold(this.#message, fieldsOf(delta));
        assignTold(draftIn(this.#message, "usage"), fieldsOf(usage));
        return;
      default:
    }
  }

  body(): Fields | undefined {
    if (textOf(this.#message["stop_reason"]) === "") return undefined;
    for (const [at, { json }] of this.#inputs) {
      const input = textOf(json);
      // Arguments that were cut off are no JSON, and stay the text that they are.
      if (input !== "") this.#blockAt(at)["input"] = parseWritten(input) ?? input;
    }
    return { ...this.#message, content: inOrder(this.#blocks) };
  }

  #blockAt(index: unknown): Draft {
    return madeAt<Draft>(this.#blocks, index, () => ({}));
  }

  #addPiece(index: unknown, delta: Fields): void {
    const type = textOf(delta["type"]);
    const block = this.#blockAt(index);
    const { [type]: field } = PIECES;
    if (field !== undefined) append(block, field, delta[field]);
    else if (type === "citations_delta") listIn(block, "citations").push(delta["citation"]);
    else if (type === "input_json_delta")
      append(
        madeAt<Draft>(this.#inputs, index, () => ({})),
        "json",
        delta["partial_json"],
      );
  }
}
