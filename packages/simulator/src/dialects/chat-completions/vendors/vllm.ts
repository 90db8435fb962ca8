import { chatDialect } from "../dialect.ts";
import type { Dialect, SimError, SimResponse } from "../../../dialect.ts";
import { writeOpenaiError } from "../errors.ts";
import { OWN_SERVER } from "../own-server.ts";

/** Chat completions of a vLLM server that was started with a key. */
export const vllmDialect: Dialect = {
  ...chatDialect({
    name: "vllm",
    basePath: "/v1",
    ownParams:
      "chat_template_kwargs ignore_eos min_p min_tokens priority repetition_penalty structured_outputs top_k",
    finishWords: { failed: "abort" },
    isStrict: false,
  }),
  ...OWN_SERVER,
  writeError,
};

/** Writes an error as vLLM does, which stops counting the tokens of a prompt when it is too long. */
function writeError(error: SimError): SimResponse {
  if (error.kind !== "contextTooLong") return writeOpenaiError(error);
  const { contextTokens, maxTokens = 0 } = error;
  const least = Math.max(1, contextTokens - maxTokens + 1);
  const message =
    `This model's maximum context length is ${contextTokens} tokens. However, you requested ${maxTokens} output ` +
    `tokens and your prompt contains at least ${least} input tokens, for a total of at least ` +
    `${least + maxTokens} tokens. Please reduce the length of the input prompt or the number of requested output ` +
    `tokens. (parameter=input_tokens, value=${least})`;
  const body = { error: { message, type: "BadRequestError", param: "input_tokens", code: 400 } };
  return { status: 400, headers: {}, body };
}
