import { finishWord, joinParts, partsOf, type FinishWords } from "../answer-parts.ts";
import { readBearer } from "../credentials.ts";
import type { Dialect, SimAnswer, SimError, SimRequest, SimResponse } from "../../dialect.ts";
import { lookUpError, type ErrorTable } from "../error-table.ts";
import { readOllamaRequest } from "./request.ts";
import { ollamaStream } from "./stream.ts";
import { usageOf } from "../usage.ts";

/** The nanoseconds per token in the durations that an answer tells. */
const NS_PER_TOKEN = 1_000_000;

/** Ollama's own Chat API. */
export const ollamaDialect: Dialect = {
  name: "ollama",
  basePath: "",
  needsKey: false,
  filters: { prompt: "none", answer: "none" },

  matchRoute({ method, path }) {
    if (method === "POST" && path === "/api/chat") return { kind: "completion" };
    return method === "GET" && path === "/api/tags" ? { kind: "models" } : undefined;
  },

  readKey: readBearer,
  readRequest: readOllamaRequest,
  writeAnswer,
  stream: ollamaStream,

  writeModels(models) {
    const list = models.map((name) => ({ name, model: name, modified_at: "2026-01-01T00:00:00Z", size: 0 }));
    return { status: 200, headers: {}, body: { models: list } };
  },

  writeError,
  writeLimits: () => ({}),
};

/** Ollama's cloud, which demands a key and does not enforce formats. */
export const ollamaCloudDialect: Dialect = {
  ...ollamaDialect,
  name: "ollama-cloud",
  needsKey: true,

  readRequest(body, route, target) {
    const reading = ollamaDialect.readRequest(body, route, target);
    return "error" in reading ? reading : { request: { ...reading.request, shape: { type: "text" } } };
  },
};

/** The API has no word for a failure; it answers as if it had only loaded the model. */
const DONE_REASONS: FinishWords = {
  stop: "stop",
  stopText: "stop",
  tool: "stop",
  length: "length",
  refusal: "stop",
  failed: "load",
};

function writeAnswer(answer: SimAnswer, { shape }: SimRequest): SimResponse {
  const { model, choices } = answer;
  const choice = choices[0] ?? { text: "", finish: "failed" };
  const parts = partsOf(choice, shape);
  const { input, output, total } = usageOf(answer);
  const body = {
    model,
    created_at: "2026-01-01T00:00:00Z",
    message: {
      role: "assistant",
      content: joinParts(parts, "text", "refusal"),
      ...(choice.thinking !== undefined && { thinking: choice.thinking }),
    },
    done: true,
    done_reason: finishWord(choice, parts, DONE_REASONS),
    total_duration: total * NS_PER_TOKEN,
    load_duration: 0,
    prompt_eval_count: input,
    prompt_eval_duration: input * NS_PER_TOKEN,
    eval_count: output,
    eval_duration: output * NS_PER_TOKEN,
  };
  return { status: 200, headers: {}, body };
}

const INVALID = { status: 400, type: "" };
const TOO_MANY = { status: 429, type: "", message: () => "too many requests" };

const ERRORS: ErrorTable = {
  auth: { status: 401, type: "", message: () => "unauthorized" },
  permission: { status: 403, type: "" },
  pathNotFound: { status: 404, type: "", message: () => "404 page not found" },
  modelNotFound: { status: 404, type: "", message: ({ model }) => `model '${model}' not found` },
  noCredit: { status: 402, type: "" },
  rateLimit: TOO_MANY,
  requestTooLarge: TOO_MANY,
  bodyTooLarge: { status: 413, type: "" },
  bodyNotJson: { ...INVALID, message: () => "invalid character looking for beginning of value" },
  badRequest: INVALID,
  unsupportedParameter: { ...INVALID, message: ({ model, param }) => `"${model}" does not support ${param}` },
  contextTooLong: { ...INVALID, message: () => "the input length exceeds the context length" },
  contentFilter: INVALID,
  serverError: { status: 500, type: "", message: () => "llama runner process has terminated" },
  overloaded: {
    status: 503,
    type: "",
    message: () => "server busy, please try again.  maximum pending requests exceeded",
  },
};

function writeError(error: SimError): SimResponse {
  const { status, message } = lookUpError(ERRORS, error);
  return { status, headers: {}, body: { error: message } };
}
