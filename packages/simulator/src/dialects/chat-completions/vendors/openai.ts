import { chatDialect } from "../dialect.ts";
import type { Dialect } from "../../../dialect.ts";

/** The OpenAI Chat Completions API, and the many servers that speak it. */
export const openaiDialect: Dialect = chatDialect({ name: "openai", basePath: "/v1" });
