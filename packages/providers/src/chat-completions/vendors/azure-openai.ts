import { keyCredentials, type Credentials } from "../../request/credentials.ts";
import { aFunction, aText } from "@parallel-parrot/core";
import { chatCompletions, type ChatServer } from "../provider.ts";
import { COMMON_CHAT, type ChatDialect } from "../dialect.ts";
import { connect } from "../../request/connection.ts";
import { limitHeader, MINUTE_MS, readLimitHeaders, type LimitHeader } from "../../limits/limit-headers.ts";
import { OPENAI_SCHEMAS } from "../../json-output/schema-dialects.ts";
import type { ProviderInfo } from "../../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../../provider-options.ts";
import type { Provider } from "../../provider.ts";
import { bearer, missingKey } from "../../request/credentials.ts";

/** Options of {@linkcode azureOpenAI}. */
export interface AzureOpenAIOptions extends ProviderOptions {
  /** The name of the deployment. */
  readonly model: string;
  /**
   * The resource's endpoint, such as `https://my-resource.openai.azure.com`.
   * @default the environment variable AZURE_OPENAI_ENDPOINT, else the resource named in AZURE_RESOURCE_NAME
   */
  readonly baseUrl?: string;
  /** A dated version of the API, which has a URL for each deployment. @default OPENAI_API_VERSION, else the v1 API */
  readonly apiVersion?: string;
  /** Returns an Entra ID token to send instead of a key. Called before each attempt, so it should cache the token. */
  readonly token?: () => string | Promise<string>;
}

/** What is known of {@linkcode azureOpenAI} before it is made. */
export const AZURE_OPENAI: ProviderInfo = {
  name: "azure",
  displayName: "Azure OpenAI",
  keyVariables: ["AZURE_OPENAI_API_KEY", "AZURE_API_KEY"],
  needsKey: true,
  baseUrlVariables: ["AZURE_OPENAI_ENDPOINT"],
  capabilities: { nativeN: true, json: "schema", images: ["url", "data"], limits: "headers" },
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
  });
  const { model, token } = options;
  const apiVersion = options.apiVersion ?? (process.env["OPENAI_API_VERSION"] || "v1");
  const { baseUrl: endpoint, apiKey } = connect(AZURE_OPENAI, withResource(options));
  if (apiKey === "" && token === undefined && new URL(endpoint).hostname.endsWith(".azure.com"))
    throw missingKey(AZURE_OPENAI.displayName, ...AZURE_OPENAI.keyVariables);
  const root = `${endpoint.replace(/\/openai(?:\/v1)?$/, "")}/openai`;
  const isDated = /^\d/.test(apiVersion);
  const server: ChatServer = {
    credentials: token === undefined ? keyCredentials(apiKey, keyHeader(apiKey)) : freshTokens(token),
    baseUrl: isDated ? `${root}/deployments/${encodeURIComponent(model)}` : `${root}/v1`,
    query: apiVersion === "v1" ? "" : `?api-version=${encodeURIComponent(apiVersion)}`,
  };
  return chatCompletions(DIALECT, server, options);
}

function freshTokens(token: () => string | Promise<string>): Credentials {
  let last = "";
  return {
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
