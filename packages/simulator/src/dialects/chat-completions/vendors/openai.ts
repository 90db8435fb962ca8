import { openaiBatchApi } from "../batches.ts";
import { chatDialect } from "../dialect.ts";
import type { Dialect } from "../../../dialect.ts";

/** OpenAI's Chat Completions, which many other servers speak as well. */
export const openaiDialect: Dialect = {
  ...chatDialect({ name: "openai", basePath: "/v1" }),
  batches: openaiBatchApi("/v1"),
};
