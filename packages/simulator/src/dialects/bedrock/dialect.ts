import type { IncomingHttpHeaders } from "node:http";
import { finishWord, partsOf, type AnswerPart, type FinishWords } from "../answer-parts.ts";
import { writeBedrockError } from "./errors.ts";
import { readBedrockRequest } from "./request.ts";
import { readBearer } from "../credentials.ts";
import { decodeSegment } from "../../decode-segment.ts";
import type { Dialect, SimAnswer, SimRequest, SimResponse } from "../../dialect.ts";
import { usageOf } from "../usage.ts";

const CONVERSE = /^\/model\/([^/]+)\/converse$/;

/** The milliseconds per token in the latency that an answer tells. */
const MS_PER_TOKEN = 10;

/** The Converse API of AWS Bedrock, with a bearer token or a signature. */
export const bedrockDialect: Dialect = {
  name: "bedrock",
  basePath: "",
  charge: "maxTokens",
  countsCached: false,

  matchRoute({ method, path }) {
    const model = method === "POST" ? CONVERSE.exec(path)?.[1] : undefined;
    return model === undefined ? undefined : { kind: "completion", model: decodeSegment(model) };
  },

  readKey: (headers) => readBearer(headers) ?? readAccessKeyId(headers),
  readRequest: readBedrockRequest,
  writeAnswer,
  writeModels: (models) => ({ status: 200, headers: {}, body: { modelSummaries: models } }),
  writeError: writeBedrockError,
  // Bedrock does not tell its limits.
  writeLimits: () => ({}),
};

const SIGNATURE =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/\d{8}\/[a-z\d-]+\/bedrock\/aws4_request, ?SignedHeaders=[a-z\d;-]+, ?Signature=[\da-f]{64}$/;

/** The access key id of a request with a signature (Version 4). Only the form of the signature is checked. */
function readAccessKeyId(headers: IncomingHttpHeaders): string | undefined {
  if (headers["x-amz-date"] === undefined) return undefined;
  return SIGNATURE.exec(headers.authorization ?? "")?.[1];
}

const STOP_REASONS: FinishWords = {
  stop: "end_turn",
  stopText: "stop_sequence",
  tool: "tool_use",
  length: "max_tokens",
  contentFilter: "content_filtered",
  refusal: "end_turn",
  failed: "malformed_model_output",
};

function writeAnswer(answer: SimAnswer, { shape }: SimRequest): SimResponse {
  const { id, choices } = answer;
  const choice = choices[0] ?? { text: "", finish: "stop" };
  const parts = partsOf(choice, shape);
  const { fresh, cached, written, output, total } = usageOf(answer);
  const body = {
    metrics: { latencyMs: output * MS_PER_TOKEN },
    output: { message: { role: "assistant", content: parts.map((part) => writeBlock(part, id)) } },
    stopReason: finishWord(choice, parts, STOP_REASONS),
    usage: {
      inputTokens: fresh,
      outputTokens: output,
      totalTokens: total,
      cacheReadInputTokens: cached,
      cacheWriteInputTokens: written,
    },
  };
  return { status: 200, headers: { "x-amzn-requestid": id }, body };
}

function writeBlock(part: AnswerPart, id: string): unknown {
  switch (part.type) {
    case "thinking":
      return { reasoningContent: { reasoningText: { text: part.text, signature: `sig${id}` } } };
    case "tool":
      return { toolUse: { toolUseId: `tooluse_${id}`, name: part.name, input: part.input } };
    case "text":
    case "refusal":
    default:
      return { text: part.text };
  }
}
