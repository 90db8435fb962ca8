import { chatDialect } from "../dialect.ts";
import type { Dialect, Reading, SimAnswer, SimError, SimRequest, SimResponse } from "../../../dialect.ts";
import { writeOpenaiError } from "../errors.ts";
import { OWN_SERVER } from "../own-server.ts";
import { bad } from "../problems.ts";
import { countTokens } from "../../../tokens.ts";

/** How many requests the server works on at once, which is as many choices as it gives for one. */
const SLOTS = 4;

const CHAT = chatDialect({
  name: "llamacpp",
  basePath: "/v1",
  ownParams: "cache_prompt chat_template_kwargs grammar json_schema min_p repeat_penalty top_k",
  isStrict: false,
});

/** Chat completions of a llama.cpp server that was started with a key. */
export const llamaCppDialect: Dialect = {
  ...CHAT,
  ...OWN_SERVER,
  readRequest: (...given) => refuseManyChoices(CHAT.readRequest(...given)),
  writeAnswer,
  writeError,
};

function refuseManyChoices(reading: Reading): Reading {
  if ("error" in reading || reading.request.n <= SLOTS) return reading;
  return {
    error: bad(`Field 'n': Value must be between 1 <= value <= ${SLOTS}, but got ${reading.request.n}`),
  };
}

/** Of several choices, the server counts the tokens of the first alone, and tells its times. */
function writeAnswer(answer: SimAnswer, request: SimRequest): SimResponse {
  const counted = asCounted(answer);
  const { body, ...response } = CHAT.writeAnswer(counted, request);
  const { inputTokens, outputTokens, thinkingTokens = 0 } = counted;
  const timings = { prompt_n: inputTokens, predicted_n: outputTokens + thinkingTokens };
  return { ...response, body: { ...fieldsOf(body), timings } };
}

function asCounted(answer: SimAnswer): SimAnswer {
  const [first] = answer.choices;
  if (first === undefined || answer.choices.length === 1) return answer;
  const thinkingTokens = first.thinking === undefined ? 0 : countTokens(first.thinking);
  return { ...answer, outputTokens: countTokens(first.text), thinkingTokens };
}

function fieldsOf(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}

/** Writes an error as llama.cpp does: its code is the status, and a prompt that is too long is measured in fields. */
function writeError(error: SimError): SimResponse {
  if (error.kind === "auth") return respond(401, "Invalid API Key", "authentication_error");
  if (error.kind === "badRequest") return respond(400, error.message, "invalid_request_error");
  if (error.kind === "pathNotFound") return respond(404, "File Not Found", "not_found_error");
  if (error.kind !== "contextTooLong") return writeOpenaiError(error);
  const { contextTokens, inputTokens, maxTokens = 0 } = error;
  const tokens = inputTokens + maxTokens;
  const message = `request (${tokens} tokens) exceeds the available context size (${contextTokens} tokens), try increasing it`;
  return respond(400, message, "exceed_context_size_error", {
    n_prompt_tokens: tokens,
    n_ctx: contextTokens,
  });
}

function respond(status: number, message: string, type: string, more: object = {}): SimResponse {
  return { status, headers: {}, body: { error: { code: status, message, type, ...more } } };
}
