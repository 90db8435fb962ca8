import { finishWord, partsOf, type AnswerPart, type FinishWords } from "../answer-parts.ts";
import { readBearer, readHeader } from "../credentials.ts";
import { decodeSegment } from "../../decode-segment.ts";
import type {
  Dialect,
  SimAnswer,
  SimChoice,
  SimRequest,
  SimResponse,
  SimRoute,
  SimTarget,
} from "../../dialect.ts";
import { geminiBatchApi } from "./batches.ts";
import { writeGeminiError, writeVertexError } from "./errors.ts";
import { readGeminiRequest } from "./request.ts";
import { geminiStream } from "./stream.ts";
import { usageOf } from "../usage.ts";

const STUDIO = /^\/v1(?:beta)?\/models\/([^/:]+):(generateContent|streamGenerateContent)$/;
const VERTEX =
  /^\/v1(?:beta1)?\/(?:projects\/[^/]+\/locations\/[^/]+\/)?publishers\/google\/models\/([^/:]+):(generateContent|streamGenerateContent)$/;

/** `generateContent` of the Gemini API in AI Studio. */
export const geminiDialect: Dialect = {
  name: "gemini",
  basePath: "",
  charge: "input",

  matchRoute(target) {
    const { method, path } = target;
    if (method === "GET" && /^\/v1(?:beta)?\/models$/.test(path)) return { kind: "models" };
    return routeTo(STUDIO, target);
  },

  readKey: (headers, query) => readHeader(headers, "x-goog-api-key") ?? query.get("key") ?? undefined,
  readRequest: readGeminiRequest,
  batches: geminiBatchApi,
  writeAnswer,
  stream: geminiStream,

  writeModels(models) {
    const list = models.map((id) => ({
      name: `models/${id}`,
      displayName: id,
      supportedGenerationMethods: ["generateContent"],
    }));
    return { status: 200, headers: {}, body: { models: list } };
  },

  writeError: writeGeminiError,
  // Only the body of a refusal tells the limits.
  writeLimits: () => ({}),
};

/** Jobs of Vertex AI have their requests and results in a storage. */
const { batches: _, ...withoutBatches } = geminiDialect;

/** `generateContent` of Vertex AI: it has other paths and a bearer token, and refusals tell no limits. */
export const vertexDialect: Dialect = {
  ...withoutBatches,
  name: "vertex",

  matchRoute: (target) => routeTo(VERTEX, target),

  readKey: (headers, query) => readBearer(headers) ?? geminiDialect.readKey(headers, query),
  writeError: writeVertexError,
};

/** A stream is only sent as events, and not as a list. */
function routeTo(form: RegExp, { method, path, query }: SimTarget): SimRoute | undefined {
  const [, model, operation] = (method === "POST" && form.exec(path)) || [];
  if (model === undefined) return undefined;
  const route = { kind: "completion", model: decodeSegment(model) } as const;
  if (operation === "generateContent") return route;
  return query.get("alt") === "sse" ? { ...route, streams: true } : undefined;
}

const FINISH_REASONS: FinishWords = {
  stop: "STOP",
  stopText: "STOP",
  tool: "STOP",
  length: "MAX_TOKENS",
  contentFilter: "SAFETY",
  refusal: "STOP",
  failed: "OTHER",
};

function writeAnswer(answer: SimAnswer, request: SimRequest): SimResponse {
  const { id, model, choices } = answer;
  const { input, cached, text, thinking, total } = usageOf(answer);
  const body = {
    ...(choices.length > 0 && {
      candidates: choices.map((choice, index) => writeCandidate(choice, index, request)),
    }),
    usageMetadata: {
      promptTokenCount: input,
      ...(cached > 0 && { cachedContentTokenCount: cached }),
      ...(text > 0 && { candidatesTokenCount: text }),
      ...(thinking > 0 && { thoughtsTokenCount: thinking }),
      totalTokenCount: total,
    },
    modelVersion: model,
    responseId: id,
  };
  return { status: 200, headers: {}, body };
}

/** Writes a candidate. If its text is empty, its content has no parts; if it was blocked, it has no content. */
function writeCandidate(choice: SimChoice, index: number, { shape }: SimRequest): unknown {
  const parts = partsOf(choice, shape).map(writePart);
  const content = { ...(parts.length > 0 && { parts }), role: "model" };
  const finishReason = finishWord(choice, [], FINISH_REASONS);
  return { ...(choice.finish !== "contentFilter" && { content }), finishReason, index };
}

function writePart(part: AnswerPart): unknown {
  switch (part.type) {
    case "thinking":
      return { text: part.text, thought: true };
    case "tool":
      return { functionCall: { name: part.name, args: part.input } };
    case "text":
    case "refusal":
    default:
      return { text: part.text };
  }
}
