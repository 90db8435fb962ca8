import { chatDialect } from "../dialect.ts";
import type { Dialect, SimError, SimResponse } from "../../../dialect.ts";
import { writeOpenaiError } from "../errors.ts";
import { OWN_SERVER } from "../own-server.ts";

/** Chat completions of a llama.cpp server that was started with a key. */
export const llamaCppDialect: Dialect = {
  ...chatDialect({
    name: "llamacpp",
    basePath: "/v1",
    ownParams: "cache_prompt chat_template_kwargs grammar json_schema min_p repeat_penalty top_k",
    isStrict: false,
  }),
  ...OWN_SERVER,
  writeError,
};

/** Writes an error as llama.cpp does, which tells the length of a prompt in fields. */
function writeError(error: SimError): SimResponse {
  if (error.kind !== "contextTooLong") return writeOpenaiError(error);
  const { contextTokens, inputTokens, maxTokens = 0 } = error;
  const tokens = inputTokens + maxTokens;
  const body = {
    error: {
      code: 400,
      message: `request (${tokens} tokens) exceeds the available context size (${contextTokens} tokens), try increasing it`,
      type: "exceed_context_size_error",
      n_prompt_tokens: tokens,
      n_ctx: contextTokens,
    },
  };
  return { status: 400, headers: {}, body };
}
