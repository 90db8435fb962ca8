import { openaiBatchApi } from "../chat-completions/batches.ts";
import { writeAzureError } from "./errors.ts";
import { readBearer, readHeader } from "../credentials.ts";
import { decodeSegment } from "../../decode-segment.ts";
import type { Dialect, SimRoute, SimTarget } from "../../dialect.ts";
import { isObject } from "../../json-value.ts";
import { openaiDialect } from "../chat-completions/vendors/openai.ts";
import { writeOpenaiLimits } from "../chat-completions/limits.ts";
import { responsesDialect } from "../openai-responses/dialect.ts";

const DEPLOYMENT = /^\/openai\/deployments\/([^/]+)\/chat\/completions$/;

/** What Azure does in its own way, in all parts of the OpenAI API. */
const AZURE = {
  basePath: "",
  // The prompt and `max_tokens` are charged when a request arrives.
  charge: "maxTokens",
  readKey: (headers) => readHeader(headers, "api-key") ?? readBearer(headers),
  writeError: writeAzureError,

  writeLimits(limits, waitMs) {
    const headers = writeOpenaiLimits(limits, waitMs, (ms) => String(Math.ceil(ms / 1000)));
    for (const dimension of ["requests", "tokens"] as const)
      if (limits[dimension] !== undefined) headers[`x-ratelimit-renewalperiod-${dimension}`] = "60";
    return headers;
  },
} satisfies Partial<Dialect>;

/** Chat completions of Azure OpenAI, at the URL of a deployment or at `/openai/v1`. */
export const azureDialect: Dialect = {
  ...openaiDialect,
  ...AZURE,
  name: "azure",
  batches: openaiBatchApi("/openai/v1"),

  matchRoute(target) {
    const { method, path, query } = target;
    if (method === "GET" && path === "/openai/v1/models") return { kind: "models" };
    if (method !== "POST") return undefined;
    if (path === "/openai/v1/chat/completions") return { kind: "completion" };
    const deployment = DEPLOYMENT.exec(path)?.[1];
    if (deployment === undefined || !query.has("api-version")) return undefined;
    return { kind: "completion", model: decodeSegment(deployment) };
  },

  readRequest(body, route, target) {
    const { model } = route;
    const named = model !== undefined && isObject(body) ? { ...body, model } : body;
    return openaiDialect.readRequest(named, route, target);
  },
};

/** The Responses API of Azure OpenAI. */
export const azureResponsesDialect: Dialect = {
  ...responsesDialect,
  ...AZURE,
  name: "azure-responses",
  matchRoute: matchResponses,
};

function matchResponses({ method, path, query }: SimTarget): SimRoute | undefined {
  const isThere =
    path === "/openai/v1/responses" || (path === "/openai/responses" && query.has("api-version"));
  return method === "POST" && isThere ? { kind: "completion" } : undefined;
}
