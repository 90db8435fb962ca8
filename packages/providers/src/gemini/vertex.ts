import { aFunction, aText, ParrotError } from "@parallel-parrot/core";
import { chargesOf } from "../limits/charge.ts";
import { bearer, checkBaseUrl, missingKey, readKey, JSON_HEADERS } from "../request/connection.ts";
import { readGeminiAnswer } from "./response.ts";
import { generateContentBody } from "./request-body.ts";
import type { ProviderInfo } from "../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../provider-options.ts";
import type { Provider } from "../provider.ts";
import { withoutSecret } from "../errors/rejected.ts";

/** Options of {@linkcode vertex}. Its `apiKey` is an OAuth access token of the scope `cloud-platform`. */
export interface VertexOptions extends ProviderOptions {
  /** @default the environment variable GOOGLE_CLOUD_PROJECT */
  readonly project?: string;
  /** @default the environment variable GOOGLE_CLOUD_LOCATION, else `global` */
  readonly location?: string;
  /**
   * Gives the access token for each request, in place of `apiKey`: tokens last an hour. google-auth-library's
   * `getAccessToken` is such a function.
   */
  readonly getAccessToken?: () => string | null | undefined | Promise<string | null | undefined>;
}

/** {@linkcode vertex} as data. */
export const VERTEX: ProviderInfo = {
  name: "vertex",
  displayName: "Google Vertex AI",
  keyVariables: ["GOOGLE_OAUTH_ACCESS_TOKEN", "CLOUDSDK_AUTH_ACCESS_TOKEN"],
  needsKey: true,
  placeVariables: ["GOOGLE_CLOUD_PROJECT"],
  baseUrlVariables: ["GOOGLE_VERTEX_BASE_URL"],
  capabilities: { nativeN: true, json: "schema", images: ["url", "data"], limits: "none" },
};

/**
 * Gemini, and other models that speak `generateContent`, on Google Vertex AI.
 *
 * @throws ParrotError `MISSING_KEY` without a token, `INVALID_OPTION` without a project
 */
export function vertex(options: VertexOptions): Provider {
  checkProviderOptions<VertexOptions>("vertex", options, {
    project: aText,
    location: aText,
    getAccessToken: aFunction,
  });
  const { model, headers, extraBody = {}, getAccessToken } = options;
  const token = readKey(options.apiKey, ...VERTEX.keyVariables);
  if (token === "" && getAccessToken === undefined)
    throw missingKey(VERTEX.displayName, ...VERTEX.keyVariables);
  const baseUrl = readBaseUrl(options);
  const url = `${baseUrl}/v1beta1/${modelPath(options)}:generateContent`;
  // The last one that was used: a server may echo it.
  let secret = token;
  return {
    name: VERTEX.name,
    model,
    baseUrl,
    capabilities: VERTEX.capabilities,
    buildRequest: (call, amendments) => ({
      method: "POST",
      url,
      headers: { ...headers, ...JSON_HEADERS },
      ...generateContentBody(call, amendments, { info: VERTEX, extraBody }),
    }),
    authorize: () => {
      if (options.apiKey !== undefined || getAccessToken === undefined) return bearer(token);
      return Promise.resolve(getAccessToken()).then((fresh) => {
        secret = readKey(fresh ?? "");
        return bearer(secret);
      });
    },
    readResponse: (response, amendments) =>
      withoutSecret(readGeminiAnswer(response, amendments), secret, VERTEX.keyVariables[0] ?? ""),
    // Its quotas are shared and move; a refusal tells none.
    readLimits: () => [],
    ...chargesOf({ cap: "free", cachedCounts: true }),
  };
}

function locationOf({ location }: VertexOptions): string {
  return location ?? (process.env["GOOGLE_CLOUD_LOCATION"] || "global");
}

function readBaseUrl(options: VertexOptions): string {
  const given = options.baseUrl ?? process.env["GOOGLE_VERTEX_BASE_URL"];
  if (given) return checkBaseUrl(given).replace(/\/v1(?:beta1)?$/, "");
  const location = locationOf(options);
  if (location === "global") return "https://aiplatform.googleapis.com";
  if (location === "us" || location === "eu") return `https://aiplatform.${location}.rep.googleapis.com`;
  return checkBaseUrl(`https://${location}-aiplatform.googleapis.com`);
}

function modelPath(options: VertexOptions): string {
  const project = options.project ?? process.env["GOOGLE_CLOUD_PROJECT"];
  if (!project) {
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot use Google Vertex AI without a project; pass it as project or set the environment variable GOOGLE_CLOUD_PROJECT",
      { option: "project" },
    );
  }
  const name = publisherPath(options.model);
  const path = name.startsWith("projects/")
    ? name
    : `projects/${project}/locations/${locationOf(options)}/${name}`;
  return path.split("/").map(encodeURIComponent).join("/");
}

/** As Google's own libraries read a model's name: `gemini-3.8-flash`, `publisher/model` or a path. */
function publisherPath(model: string): string {
  if (/^(?:projects|publishers|models)\//.test(model)) return model;
  const [publisher, name] = model.split("/", 2);
  return name === undefined
    ? `publishers/google/models/${model}`
    : `publishers/${publisher ?? ""}/models/${name}`;
}
