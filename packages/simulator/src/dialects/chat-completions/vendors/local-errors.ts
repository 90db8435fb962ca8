import type { SimError, SimResponse } from "../../../dialect.ts";
import { writeOpenaiError } from "../errors.ts";

/** An error as vLLM tells it, which counts the tokens of a prompt no further than it has to. */
export function writeVllmError(error: SimError): SimResponse {
  if (error.kind !== "contextTooLong") return writeOpenaiError(error);
  const { contextTokens, maxTokens = 0 } = error;
  const least = Math.max(1, contextTokens - maxTokens + 1);
  const message =
    `This model's maximum context length is ${contextTokens} tokens. However, you requested ${maxTokens} output ` +
    `tokens and your prompt contains at least ${least} input tokens, for a total of at least ` +
    `${least + maxTokens} tokens. Please reduce the length of the input prompt or the number of requested output ` +
    `tokens. (parameter=input_tokens, value=${least})`;
  return respond({ message, type: "BadRequestError", param: "input_tokens", code: 400 });
}

/** An error as llama.cpp tells it, which says in fields how long a prompt is. */
export function writeLlamaCppError(error: SimError): SimResponse {
  if (error.kind !== "contextTooLong") return writeOpenaiError(error);
  const { contextTokens, inputTokens, maxTokens = 0 } = error;
  const tokens = inputTokens + maxTokens;
  return respond({
    code: 400,
    message: `request (${tokens} tokens) exceeds the available context size (${contextTokens} tokens), try increasing it`,
    type: "exceed_context_size_error",
    n_prompt_tokens: tokens,
    n_ctx: contextTokens,
  });
}

function respond(error: object): SimResponse {
  return { status: 400, headers: {}, body: { error } };
}
