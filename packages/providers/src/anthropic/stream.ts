import { fieldsOf, parseWritten, textOf, type Fields } from "../json-fields.ts";
import { append, assignTold, draftAt, draftIn, inOrder, listIn, type Draft } from "../streaming/merge.ts";
import { askByField, type Assembly, type StreamForm } from "../streaming/stream-form.ts";

/** How the Messages API streams. */
export const ANTHROPIC_STREAM: StreamForm = {
  ask: askByField,
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

  take({ index, message, content_block: block, delta, usage }: Fields, type: string): void {
    switch (type) {
      case "message_start":
        assignTold(this.#message, fieldsOf(message));
        return;
      case "content_block_start":
        assignTold(draftAt(this.#blocks, index), fieldsOf(block));
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
      if (input !== "") draftAt(this.#blocks, at)["input"] = parseWritten(input) ?? input;
    }
    return { ...this.#message, content: inOrder(this.#blocks) };
  }

  #addPiece(index: unknown, delta: Fields): void {
    const type = textOf(delta["type"]);
    const block = draftAt(this.#blocks, index);
    const { [type]: field } = PIECES;
    if (field !== undefined) append(block, field, delta[field]);
    else if (type === "citations_delta") listIn(block, "citations").push(delta["citation"]);
    else if (type === "input_json_delta") append(draftAt(this.#inputs, index), "json", delta["partial_json"]);
  }
}
