import { fieldsOf, textOf, type Fields } from "../json-fields.ts";
import { append, assignTold, draftAt, draftIn, inOrder, listIn, type Draft } from "../streaming/merge.ts";
import { askByField, type Assembly, type StreamForm } from "../streaming/stream-form.ts";

/** How version 2 of the Chat API streams. */
export const COHERE_STREAM: StreamForm = {
  ask: askByField,
  assemble: () => new CohereAssembly(),
};

class CohereAssembly implements Assembly {
  readonly #body: Draft = {};
  readonly #message: Draft = {};
  readonly #content = new Map<number, Draft>();
  readonly #calls = new Map<number, Draft>();

  take({ id, index, delta }: Fields, type: string): void {
    if (id !== undefined) this.#body["id"] = id;
    const { message, ...ending } = fieldsOf(delta);
    const { content, tool_plan: plan, tool_calls: calls, citations, ...rest } = fieldsOf(message);
    switch (type) {
      case "message-start":
        assignTold(this.#message, rest);
        return;
      case "content-start":
      case "content-delta":
        addTexts(draftAt(this.#content, index), fieldsOf(content));
        return;
      case "tool-plan-delta":
        append(this.#message, "tool_plan", plan);
        return;
      case "tool-call-start":
      case "tool-call-delta":
        addCall(draftAt(this.#calls, index), fieldsOf(calls));
        return;
      case "citation-start":
        listIn(this.#message, "citations").push(citations);
        return;
      case "message-end":
        assignTold(this.#body, ending);
        return;
      default:
    }
  }

  body(): Fields | undefined {
    if (textOf(this.#body["finish_reason"]) === "") return undefined;
    const content = inOrder(this.#content);
    const calls = inOrder(this.#calls);
    const message = {
      ...this.#message,
      ...(content.length === 0 ? {} : { content }),
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
    };
    return { ...this.#body, message };
  }
}

function addTexts(draft: Draft, { text, thinking, ...others }: Fields): void {
  assignTold(draft, others);
  append(draft, "text", text);
  append(draft, "thinking", thinking);
}

function addCall(draft: Draft, { function: called, ...others }: Fields): void {
  const { arguments: piece, ...told } = fieldsOf(called);
  assignTold(draft, others);
  assignTold(draftIn(draft, "function"), told);
  append(draftIn(draft, "function"), "arguments", piece);
}
