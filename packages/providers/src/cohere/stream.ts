import { fieldsOf, textOf, type Fields } from "../json-fields.ts";
import { append, assignTold, draftIn, inOrder, listIn, madeAt, type Draft } from "../streaming/merge.ts";
import { withFields, type Assembly, type StreamForm } from "../streaming/stream-form.ts";

/** How version 2 of the Chat API streams. */
export const COHERE_STREAM: StreamForm = {
  ask: ({ url, body }) => ({ url, body: withFields(body, '"stream":true') }),
  assemble: () => new CohereAssembly(),
};

class CohereAssembly implements Assembly {
  readonly #body: Draft = {};
  readonly #message: Draft = {};
  readonly #content = new Map<number, Draft>();
  readonly #calls = new Map<number, Draft>();

  take(event: Fields, name?: string): void {
    const { id, index, delta } = event;
    if (id !== undefined) this.#body["id"] = id;
    const { message, ...ending } = fieldsOf(delta);
    const { content, tool_plan: plan, tool_calls: calls, citations, ...rest } = fieldsOf(message);
    switch (textOf(event["type"]) || (name ?? "")) {
      case "message-start":
        assignTold(this.#message, rest);
        return;
      case "content-start":
      case "content-delta":
        addTexts(this.#contentAt(index), fieldsOf(content));
        return;
      case "tool-plan-delta":
        append(this.#message, "tool_plan", plan);
        return;
      case "tool-call-start":
      case "tool-call-delta":
        addCall(this.#callAt(index), fieldsOf(calls));
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

  #contentAt(index: unknown): Draft {
    return madeAt<Draft>(this.#content, index, () => ({}));
  }

  #callAt(index: unknown): Draft {
    return madeAt<Draft>(this.#calls, index, () => ({}));
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
