import type { Message } from "@parallel-parrot/core";
import { checkImages, hasImages, imageUrl } from "./images.ts";
import type { ProviderInfo } from "./provider-info.ts";
import type { Amendment, Call, GenerationParams, ProviderRequest } from "./provider.ts";
import { toStrictSchema } from "./strict-schema.ts";

/** How a server of the OpenAI dialect is spoken to. */
export interface DialectOptions {
  readonly info: Pick<ProviderInfo, "displayName" | "capabilities">;
  readonly model: string;
  /** The name of the length limit: newer OpenAI models refuse `max_tokens`, most other servers know only that. */
  readonly maxTokensName: "max_completion_tokens" | "max_tokens";
  /** Whether the schema is also told in words: local servers constrain the answer but do not show the schema to the model. */
  readonly describeSchema: boolean;
  /** Fields added to every body as they are. */
  readonly extraBody: Readonly<Record<string, unknown>>;
}

/** Writes the JSON body of a Chat Completions request: only what the user set, less what was refused before. */
export type ChatBodyWriter = (
  call: Call,
  amendments: ReadonlySet<Amendment>,
) => Pick<ProviderRequest, "body" | "maxOutputTokens">;

/**
 * Makes a {@linkcode ChatBodyWriter}. Of a million requests only the messages differ: what is behind them is
 * made once for as long as the arguments are the same objects.
 */
export function chatBodyWriter(options: DialectOptions): ChatBodyWriter {
  const head = `{"model":${JSON.stringify(options.model)},"messages":`;
  const overridesHead = "model" in options.extraBody || "messages" in options.extraBody;
  let last: Frame | undefined;
  return (call, amendments) => {
    if (last === undefined || !isFrameOf(last, call, amendments)) last = frameOf(call, amendments, options);
    let messages: readonly ChatMessage[] = call.prompt.messages;
    if (hasImages(call.prompt.messages)) {
      checkImages(call.prompt.messages, options.info);
      messages = call.prompt.messages.map(chatMessage);
    }
    if (overridesHead) {
      const told = last.words === undefined ? messages : withInstructions(messages, last.words);
      return { body: JSON.stringify({ model: options.model, messages: told, ...last.fields }), ...last.cap };
    }
    return { body: `${head}${writeMessages(messages, last)}${last.tail}`, ...last.cap };
  };
}

/** A message as Chat Completions has it. */
interface ChatMessage extends Pick<Message, "role"> {
  readonly content: string | readonly unknown[];
}

function chatMessage({ role, content, images = [] }: Message): ChatMessage {
  if (images.length === 0) return { role, content };
  const parts = images.map((image) => ({ type: "image_url", image_url: { url: imageUrl(image) } }));
  return { role, content: [{ type: "text", text: content }, ...parts] };
}

/** All of a body but its messages, and the arguments it was made of. */
interface Frame extends Pick<Call, "shape" | "params" | "n"> {
  readonly amendments: ReadonlySet<Amendment>;
  readonly amendmentCount: number;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly cap: Pick<ProviderRequest, "maxOutputTokens">;
  /** The JSON behind the messages. */
  readonly tail: string;
  /** The wanted shape in words, where the model must be told. */
  readonly words: string | undefined;
  /** A system message of those words. */
  readonly wordsMessage: string;
}

function isFrameOf(frame: Frame, { shape, params, n }: Call, amendments: ReadonlySet<Amendment>): boolean {
  return (
    frame.shape === shape &&
    frame.n === n &&
    frame.amendments === amendments &&
    frame.amendmentCount === amendments.size &&
    areSame(frame.params, params)
  );
}

/** By value: an options object may be changed between two requests. */
function areSame(a: GenerationParams, b: GenerationParams): boolean {
  return (
    a.temperature === b.temperature &&
    a.topP === b.topP &&
    a.maxTokens === b.maxTokens &&
    a.stop === b.stop &&
    a.seed === b.seed &&
    a.reasoningEffort === b.reasoningEffort
  );
}

function frameOf(call: Call, amendments: ReadonlySet<Amendment>, options: DialectOptions): Frame {
  const { params, shape, n } = call;
  const format = responseFormat(call, amendments);
  const optional: Record<string, unknown> = {
    temperature: params.temperature,
    top_p: params.topP,
    stop: params.stop,
    seed: params.seed,
    reasoning_effort: params.reasoningEffort,
    n: n > 1 ? n : undefined,
  };
  const kept = Object.entries(optional).filter(
    ([name, value]) => value !== undefined && !amendments.has(`omit:${name}`),
  );
  const fields = {
    ...Object.fromEntries(kept),
    ...maxTokens(params.maxTokens, amendments, options),
    ...(format === undefined ? {} : { response_format: format }),
    ...options.extraBody,
  };
  const needsWords = shape.type === "json" && (format?.["type"] !== "json_schema" || options.describeSchema);
  const words = needsWords ? shape.instructions : undefined;
  const json = JSON.stringify(fields);
  return {
    shape,
    params: { ...params },
    n,
    amendments,
    amendmentCount: amendments.size,
    fields,
    cap: capOf(fields),
    tail: json === "{}" ? "}" : `,${json.slice(1)}`,
    words,
    wordsMessage: JSON.stringify({ role: "system", content: words }),
  };
}

/** Read from what is really sent, `extraBody` included. */
function capOf(fields: Readonly<Record<string, unknown>>): Frame["cap"] {
  const { max_completion_tokens, max_tokens, n = 1 } = fields;
  const caps = [max_completion_tokens, max_tokens].filter((cap) => typeof cap === "number");
  // Which of two a server heeds is its own affair.
  return caps.length > 0 && typeof n === "number" ? { maxOutputTokens: Math.max(...caps) * n } : {};
}

function writeMessages(messages: readonly ChatMessage[], { words, wordsMessage }: Frame): string {
  if (words === undefined) return JSON.stringify(messages);
  if (messages[0]?.role === "system") return JSON.stringify(withInstructions(messages, words));
  return `[${wordsMessage},${JSON.stringify(messages).slice(1)}`;
}

function maxTokens(
  limit: number | undefined,
  amendments: ReadonlySet<Amendment>,
  options: DialectOptions,
): Record<string, number> {
  if (limit === undefined || amendments.has("omit:max_tokens")) return {};
  if (amendments.has("use:max_completion_tokens") && options.maxTokensName === "max_tokens")
    return { max_completion_tokens: limit };
  if (amendments.has("use:max_tokens") && options.maxTokensName === "max_completion_tokens")
    return { max_tokens: limit };
  return { [options.maxTokensName]: limit };
}

function responseFormat(
  { shape }: Call,
  amendments: ReadonlySet<Amendment>,
): Record<string, unknown> | undefined {
  if (shape.type === "text" || amendments.has("json:instructions")) return undefined;
  if (shape.schema === undefined || amendments.has("json:object")) return { type: "json_object" };
  const strictSchema = toStrictSchema(shape.schema);
  const schema = strictSchema ?? shape.schema;
  return {
    type: "json_schema",
    json_schema: { name: shape.name, schema, strict: strictSchema !== undefined },
  };
}

/** Adds the shape in words to the system message, or as one where there is none. */
function withInstructions(messages: readonly ChatMessage[], instructions: string): readonly ChatMessage[] {
  const [first, ...rest] = messages;
  if (first?.role !== "system") return [{ role: "system", content: instructions }, ...messages];
  return [{ role: "system", content: `${String(first.content)}\n\n${instructions}` }, ...rest];
}
