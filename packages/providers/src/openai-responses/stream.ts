import { isRecord } from "@parallel-parrot/core";
import { listOf, type Fields } from "../json-fields.ts";
import { inOrder } from "../streaming/merge.ts";
import { askByField, type Assembly, type StreamForm } from "../streaming/stream-form.ts";

/** How the Responses API streams. */
export const RESPONSES_STREAM: StreamForm = {
  ask: askByField,
  assemble: () => new ResponsesAssembly(),
};

const LAST: ReadonlySet<string> = new Set([
  "response.completed",
  "response.incomplete",
  "response.failed",
  "response.cancelled",
  // Azure's name for the event of a finished response.
  "response.done",
]);

/** The last event has the whole answer. Some servers leave its output out there, as each item came before. */
class ResponsesAssembly implements Assembly {
  readonly #items = new Map<number, unknown>();
  #response: Fields | undefined;

  take({ response, output_index: at, item }: Fields, type: string): void {
    if (LAST.has(type) && isRecord(response)) this.#response = response;
    else if (type === "response.output_item.done" && typeof at === "number") this.#items.set(at, item);
  }

  body(): Fields | undefined {
    const response = this.#response;
    if (response === undefined || this.#items.size === 0 || listOf(response["output"]).length > 0)
      return response;
    return { ...response, output: inOrder(this.#items) };
  }
}
