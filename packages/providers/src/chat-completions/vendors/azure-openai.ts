import { keyCredentials, type Credentials } from "../../request/credentials.ts";
import { aFunction, aText } from "@parallel-parrot/core";
import type { BatchInfo } from "../../batch/batch-info.ts";
import { openaiBatches } from "../../batch/openai-batches.ts";
import { chatCompletions, type ChatServer } from "../provider.ts";
import { COMMON_CHAT, type ChatDialect } from "../dialect.ts";
import { connect } from "../../request/connection.ts";
import { limitHeader, readLimitHeaders, type LimitHeader } from "../../limits/limit-headers.ts";
import { MINUTE_MS } from "../../limits/windows.ts";
import { OPENAI_SCHEMAS } from "../../json-output/schema-dialects.ts";
import type { ProviderInfo } from "../../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../../provider-options.ts";
import type { Provider } from "../../provider.ts";
import { bearer, fromEnvironment, missingKey } from "../../request/credentials.ts";

/** Options of {@linkcode azureOpenAI}. */
export interface AzureOpenAIOptions extends ProviderOptions {
  /** The name of the deployment. */
  readonly model: string;
  /**
   * The resource's endpoint, such as `https://my-resource.openai.azure.com`, or the Target URI of a deployment.
   * @default the environment variable AZURE_OPENAI_ENDPOINT, else the resource named in AZURE_RESOURCE_NAME
   */
  readonly baseUrl?: string;
  /**
   * A dated version of the API, which has a URL for each deployment.
   * @default that in `baseUrl`, else OPENAI_API_VERSION, else AZURE_OPENAI_API_VERSION, else the v1 API
   */
  readonly apiVersion?: string;
  /** Returns an Entra ID token to send instead of a key. Called before each attempt, so it should cache the token. */
  readonly token?: () => string | Promise<string>;
  /**
   * The deployment of the type Global Batch or Data Zone Batch that batches are for: they cannot use the one of direct
   * requests. It is for `provider.batch` alone, which the transport does not use yet. @default `model`
   */
  readonly batchDeployment?: string;
}

const VERSION_VARIABLES = ["OPENAI_API_VERSION", "AZURE_OPENAI_API_VERSION"];

/** Source: Microsoft, "Global batch limits". A job does not expire. */
const BATCHES: BatchInfo = {
  way: "file",
  limits: {
    maxRequests: 100_000,
    maxBytes: 200_000_000,
    queue: "inputTokens",
    leastQueue: { limit: 200_000_000, of: "a deployment as it comes" },
  },
  price: {
    factor: 0.5,
    source: "https://learn.microsoft.com/en-us/azure/ai-foundry/openai/how-to/batch",
    date: "2026-11-30",
  },
  progress: "counts",
  foundBy: "name",
};

/** What is known of {@linkcode azureOpenAI} before it is made. */
export const AZURE_OPENAI: ProviderInfo = {
  name: "azure",
  displayName: "Azure OpenAI",
  keyVariables: ["AZURE_OPENAI_API_KEY", "AZURE_API_KEY"],
  needsKey: true,
  baseUrlVariables: ["AZURE_OPENAI_ENDPOINT"],
  otherVariables: ["AZURE_RESOURCE_NAME", ...VERSION_VARIABLES],
  capabilities: { nativeN: true, json: "schema", images: ["url", "data"], limits: "headers" },
  batch: BATCHES,
};

/** A window may be shorter than a minute; a header tells its length. */
const LIMITS: readonly LimitHeader[] = [
  {
    ...limitHeader("requests", MINUTE_MS, "x-ratelimit-*-requests"),
    windowSeconds: "x-ratelimit-renewalperiod-requests",
  },
  {
    ...limitHeader("tokens", MINUTE_MS, "x-ratelimit-*-tokens"),
    windowSeconds: "x-ratelimit-renewalperiod-tokens",
  },
];

const DIALECT: ChatDialect = {
  ...COMMON_CHAT,
  info: AZURE_OPENAI,
  maxTokensName: "max_completion_tokens",
  schemas: OPENAI_SCHEMAS,
  hasDeveloper: true,
  readLimits: (response) => readLimitHeaders(response, LIMITS),
  charge: { cap: "kept", cachedCounts: true },
};

/**
 * A deployment of Azure OpenAI, asked by the v1 API or a dated one, with a key or an Entra ID token.
 *
 * @throws ParrotError `MISSING_KEY`, or `INVALID_OPTION` if no endpoint is known
 */
export function azureOpenAI(options: AzureOpenAIOptions): Provider {
  checkProviderOptions<AzureOpenAIOptions>("azureOpenAI", options, {
    apiVersion: aText,
    token: aFunction,
    batchDeployment: aText,
  });
  const { model, token, batchDeployment } = options;
  const connection = connect(AZURE_OPENAI, withResource(options));
  const { baseUrl: endpoint, apiKey } = connection;
  const { root, deployment } = partsOf(endpoint);
  const apiVersion =
    options.apiVersion ?? connection.address.apiVersion ?? fromEnvironment(VERSION_VARIABLES) ?? "v1";
  if (apiKey === "" && token === undefined && new URL(endpoint).hostname.endsWith(".azure.com"))
    throw missingKey(AZURE_OPENAI.displayName, ...AZURE_OPENAI.keyVariables);
  const server: ChatServer = {
    credentials: token === undefined ? keyCredentials(apiKey, keyHeader(apiKey)) : freshTokens(token),
    baseUrl: apiUrl(root, apiVersion, model),
    address: {
      ...connection.address,
      isChanged: connection.address.isChanged || deployment !== undefined,
      query: apiVersion === "v1" ? "" : `?api-version=${encodeURIComponent(apiVersion)}`,
    },
    notes: otherDeploymentNote(deployment, model),
  };
  const batch = openaiBatches({
    info: BATCHES,
    endpoint: "/v1/chat/completions",
    baseUrl: server.baseUrl.replace(/\/deployments\/[^/]+$/, ""),
    model: batchDeployment,
  });
  return chatCompletions({ ...DIALECT, batch }, server, options);
}

/** What an endpoint or a Target URI names, where its operation is taken off. */
function partsOf(url: string): { readonly root: string; readonly deployment: string | undefined } {
  const [, before, name] = /^(.*\/openai)\/deployments\/([^/]+)$/.exec(url) ?? [];
  return { root: before ?? url.replace(/(?:\/openai)?\/v1$|\/openai$/, ""), deployment: name };
}

/** The v1 API has one address for all deployments, a dated one has one for each, and Foundry's older API has `/models`. */
function apiUrl(root: string, apiVersion: string, model: string): string {
  const isDated = /^\d/.test(apiVersion);
  if (isDated && root.endsWith("/models")) return root;
  const api = `${root.replace(/\/(?:openai|models)$/, "")}/openai`;
  return isDated ? `${api}/deployments/${encodeURIComponent(model)}` : `${api}/v1`;
}

function otherDeploymentNote(named: string | undefined, model: string): readonly string[] {
  if (named === undefined || decodeURIComponent(named) === model) return [];
  return [`The base URL names the deployment ${named}, but the deployment ${model} is asked`];
}

function freshTokens(token: () => string | Promise<string>): Credentials {
  let last = "";
  return {
    headerNames: ["authorization"],
    secret: () => last,
    async authorize() {
      last = await token();
      return bearer(last);
    },
  };
}

function keyHeader(apiKey: string): Readonly<Record<string, string>> {
  return apiKey === "" ? {} : { "api-key": apiKey };
}

function withResource(options: AzureOpenAIOptions): AzureOpenAIOptions {
  const resource = process.env["AZURE_RESOURCE_NAME"];
  const isKnown = options.baseUrl !== undefined || process.env["AZURE_OPENAI_ENDPOINT"];
  if (isKnown || resource === undefined || resource === "") return options;
  return { ...options, baseUrl: `https://${resource}.openai.azure.com` };
}
