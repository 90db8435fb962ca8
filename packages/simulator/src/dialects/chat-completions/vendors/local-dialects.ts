import { chatDialect } from "../dialect.ts";
import type { Dialect } from "../../../dialect.ts";
import { writeLlamaCppError, writeVllmError } from "./local-errors.ts";

/** What servers of one's own have in common: they tell no limits, and filter nothing. */
const LOCAL = {
  filters: { prompt: "none", answer: "none" },
  writeLimits: () => ({}),
} satisfies Partial<Dialect>;

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
  ...LOCAL,
  writeError: writeVllmError,
};

/** Chat completions of a llama.cpp server that was started with a key. */
export const llamaCppDialect: Dialect = {
  ...chatDialect({
    name: "llamacpp",
    basePath: "/v1",
    ownParams: "cache_prompt chat_template_kwargs grammar json_schema min_p repeat_penalty top_k",
    isStrict: false,
  }),
  ...LOCAL,
  writeError: writeLlamaCppError,
};
