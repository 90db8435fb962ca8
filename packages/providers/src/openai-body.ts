import type { Message } from "@parallel-parrot/core";
import type { Amendment, Call } from "./provider.ts";
import { toStrictSchema } from "./strict-schema.ts";

/** How a server of the OpenAI dialect is spoken to. */
export interface DialectOptions {
  readonly model: string;
  /** The name of the length limit: newer OpenAI models refuse `max_tokens`, most other servers know only that. */
  readonly maxTokensName: "max_completion_tokens" | "max_tokens";
  /** Whether the schema is also told in words: local servers constrain the answer but do not show the schema to the model. */
  readonly describeSchema: boolean;
  /** Fields added to every body as they are. */
  readonly extraBody: Readonly<Record<string, unknown>>;
}

/** The JSON body of a Chat Completions request: only what the user set, less what was refused before. */
export function buildChatBody(
  call: Call,
  amendments: ReadonlySet<Amendment>,
  options: DialectOptions,
): Record<string, unknown> {
  const { params, n } = call;
  const format = responseFormat(call, amendments);
  const needsWords =
    call.shape.type === "json" && (format?.["type"] !== "json_schema" || options.describeSchema);
  const optional: Record<string, unknown> = {
    temperature: params.temperature,
    top_p: params.topP,
    stop: params.stop,
    seed: params.seed,
    n: n > 1 ? n : undefined,
  };
  const kept = Object.entries(optional).filter(
    ([name, value]) => value !== undefined && !amendments.has(`omit:${name}`),
  );
  return {
    model: options.model,
    messages:
      needsWords && call.shape.type === "json"
        ? withInstructions(call.prompt.messages, call.shape.instructions)
        : call.prompt.messages,
    ...Object.fromEntries(kept),
    ...maxTokens(params.maxTokens, amendments, options),
    ...(format === undefined ? {} : { response_format: format }),
    ...options.extraBody,
  };
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
function withInstructions(messages: readonly Message[], instructions: string): readonly Message[] {
  const [first, ...rest] = messages;
  if (first?.role !== "system") return [{ role: "system", content: instructions }, ...messages];
  return [{ role: "system", content: `${first.content}\n\n${instructions}` }, ...rest];
}
