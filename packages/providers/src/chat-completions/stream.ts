import { isRecord } from "@parallel-parrot/core";
import { omits } from "../amendments.ts";
import { fieldsOf, listOf, textOf, type Fields } from "../json-fields.ts";
import type { ProviderOptions } from "../provider-options.ts";
import {
  append,
  appendParts,
  assignTold,
  draftIn,
  inOrder,
  listIn,
  madeAt,
  type Draft,
} from "../streaming/merge.ts";
import { withFields, type Assembly, type StreamForm } from "../streaming/stream-form.ts";
import type { ChatDialect } from "./dialect.ts";

/** How a server that speaks Chat Completions streams. */
export function chatStream(
  { streamUsage }: Pick<ChatDialect, "streamUsage">,
  { extraBody = {} }: Pick<ProviderOptions, "extraBody">,
): StreamForm {
  const asksUsage = streamUsage === "asked" && extraBody["stream_options"] === undefined;
  return {
    ask: ({ url, body }, amendments) => {
      const usage =
        asksUsage && !omits(amendments, "stream_options") ? ',"stream_options":{"include_usage":true}' : "";
      return { url, body: withFields(body, `"stream":true${usage}`) };
    },
    assemble: () => new ChatAssembly(),
  };
}

/** Puts the chunks of Chat Completions together, or those of the older Completions. */
class ChatAssembly implements Assembly {
  readonly #body: Draft = {};
  readonly #choices = new Map<number, ChatChoice>();

  take({ choices, ...others }: Fields): void {
    assignTold(this.#body, others);
    for (const [at, choice] of listOf(choices).map(fieldsOf).entries())
      madeAt(this.#choices, choice["index"], () => new ChatChoice(), at).take(choice);
  }

  /** Every choice must say why it ended: gateways mark the end of a stream that broke off as well. */
  body(isMarked: boolean): Fields | undefined {
    const choices = inOrder(this.#choices);
    const isWhole = choices.length === 0 ? isMarked : choices.every(({ isEnded }) => isEnded);
    if (!isWhole) return undefined;
    const { usage = fieldsOf(this.#body["x_groq"])["usage"] } = this.#body;
    return {
      ...this.#body,
      object: "chat.completion",
      choices: choices.map((choice) => choice.whole()),
      usage: usage ?? null,
    };
  }
}

/** Fields of a message that come in pieces. */
const TEXTS: ReadonlySet<string> = new Set(["content", "refusal", "reasoning", "reasoning_content"]);

class ChatChoice {
  readonly #choice: Draft = {};
  readonly #message: Draft = {};
  readonly #calls: Draft[] = [];
  /** The newest call of each number. */
  readonly #newest = new Map<number, Draft>();

  get isEnded(): boolean {
    return textOf(this.#choice["finish_reason"]) !== "";
  }

  /** A server that only seems to stream sends the whole message at once. */
  take({ delta, message, text, finish_reason: reason, ...others }: Fields): void {
    assignTold(this.#choice, others);
    // Some servers have an empty reason in every other chunk.
    if (textOf(reason) !== "") this.#choice["finish_reason"] = reason;
    append(this.#choice, "text", text);
    for (const [name, value] of Object.entries(fieldsOf(isRecord(delta) ? delta : message)))
      this.#add(name, value);
  }

  whole(): Fields {
    const calls = this.#calls;
    const message = calls.length === 0 ? this.#message : { ...this.#message, tool_calls: calls };
    return { ...this.#choice, message };
  }

  #add(name: string, value: unknown): void {
    const message = this.#message;
    const { [name]: before } = message;
    if (name === "tool_calls") {
      for (const [at, call] of listOf(value).map(fieldsOf).entries()) this.#addCall(call, at);
    } else if (name === "function_call") addFunction(draftIn(message, name), fieldsOf(value));
    else if (name === "content" && (Array.isArray(value) || Array.isArray(before)))
      appendParts(listIn(message, name), partsOf(value));
    else if (TEXTS.has(name) && typeof value === "string") append(message, name, value);
    else if (Array.isArray(value)) listIn(message, name).push(...(value as readonly unknown[]));
    else assignTold(message, { [name]: value });
  }

  #addCall({ index, function: called, ...others }: Fields, at: number): void {
    const call = this.#callOf(textOf(others["id"]), typeof index === "number" ? index : at);
    assignTold(call, others);
    addFunction(draftIn(call, "function"), fieldsOf(called));
  }

  /** Some servers give all calls the same number, so that an id which is new begins another call. */
  #callOf(id: string, number: number): Draft {
    const newest = this.#newest.get(number);
    const known = id === "" ? undefined : this.#calls.find((call) => call["id"] === id);
    const isSame = newest !== undefined && (id === "" || textOf(newest["id"]) === "");
    const call: Draft = known ?? (isSame ? newest : {});
    if (!this.#calls.includes(call)) this.#calls.push(call);
    this.#newest.set(number, call);
    return call;
  }
}

/** The name is told once, or again with each piece of the arguments. */
function addFunction(draft: Draft, { arguments: piece, ...others }: Fields): void {
  if (typeof piece === "string") append(draft, "arguments", piece);
  else assignTold(draft, { arguments: piece });
  assignTold(draft, others);
}

function partsOf(content: unknown): readonly unknown[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  return listOf(content);
}
