import { httpProvider } from "../http-provider.ts";
import { GEMINI_PARAMS, geminiBodyWriter } from "./request-body.ts";
import { GEMINI_STREAM } from "./stream.ts";
import { keyCredentials, type Credentials } from "../request/credentials.ts";
import { aFunction, aText, ParrotError } from "@parallel-parrot/core";
import { chargesOf } from "../limits/charges.ts";
import { type BaseUrl, readBaseUrl } from "../request/base-url.ts";
import { defaultGoogleToken, GOOGLE_LIBRARY } from "./default-token.ts";
import { readGeminiAnswer } from "./response.ts";
import type { ProviderInfo } from "../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../provider-options.ts";
import type { Provider } from "../provider.ts";
import { bearer, missingKeyOrLibrary, readKey } from "../request/credentials.ts";

/** Options of {@linkcode vertex}. `apiKey` is an OAuth access token of the scope `cloud-platform`. */
export interface VertexOptions extends ProviderOptions {
  /** @default the environment variable GOOGLE_CLOUD_PROJECT */
  readonly project?: string;
  /** @default the environment variable GOOGLE_CLOUD_LOCATION, else `global` */
  readonly location?: string;
  /**
   * Returns the access token and is called for each request, because tokens expire after an hour. Used instead of
   * `apiKey`.
   * @default application default credentials, if `google-auth-library` is installed
   */
  readonly getAccessToken?: () => string | null | undefined | Promise<string | null | undefined>;
}

/** What is known of {@linkcode vertex} before it is made. */
export const VERTEX: ProviderInfo = {
  name: "vertex",
  displayName: "Google Vertex AI",
  keyVariables: ["GOOGLE_OAUTH_ACCESS_TOKEN", "CLOUDSDK_AUTH_ACCESS_TOKEN"],
  needsKey: true,
  placeVariables: ["GOOGLE_CLOUD_PROJECT"],
  baseUrlVariables: ["GOOGLE_VERTEX_BASE_URL"],
  capabilities: {
    nativeN: true,
    json: "schema",
    images: ["url", "data"],
    limits: "none",
    params: GEMINI_PARAMS,
  },
};

/**
 * Gemini and other models that have `generateContent`, on Google Vertex AI.
 *
 * @throws ParrotError `MISSING_KEY` without a token, `INVALID_OPTION` without a project
 */
export function vertex(options: VertexOptions): Provider {
  checkProviderOptions<VertexOptions>("vertex", options, {
    project: aText,
    location: aText,
    getAccessToken: aFunction,
  });
  const credentials = credentialsOf(options);
  const address = givenAddress(options);
  const baseUrl = address?.url.replace(/\/v1(?:beta1)?$/, "") ?? placeUrl(options);
  return httpProvider({
    info: VERTEX,
    options,
    baseUrl,
    address,
    url: `${baseUrl}/v1beta1/${modelPath(options)}:generateContent`,
    credentials,
    writeBody: geminiBodyWriter(VERTEX, options),
    stream: GEMINI_STREAM,
    readAnswer: readGeminiAnswer,
    // There is no `readLimits`: quotas are shared and change, and refusals do not tell them.
    charges: chargesOf({ cap: "free", cachedCounts: true }),
  });
}

function credentialsOf(options: VertexOptions): Credentials {
  const { apiKey, getAccessToken } = options;
  const token = readKey(apiKey, ...VERTEX.keyVariables);
  if (apiKey === undefined && getAccessToken !== undefined) return freshTokens(getAccessToken, token);
  if (token !== "") return keyCredentials(token);
  const found = defaultGoogleToken(projectOf(options));
  if (found !== undefined) return { ...freshTokens(found.get, ""), refused: found.renew };
  throw missingKeyOrLibrary(VERTEX.displayName, VERTEX.keyVariables, {
    library: GOOGLE_LIBRARY,
    what: "application default credentials",
  });
}

function freshTokens(getToken: NonNullable<VertexOptions["getAccessToken"]>, first: string): Credentials {
  let last = first;
  return {
    headerNames: ["authorization"],
    secret: () => last,
    async authorize() {
      last = readKey((await getToken()) ?? "");
      return bearer(last);
    },
  };
}

function locationOf({ location }: VertexOptions): string {
  return location ?? (process.env["GOOGLE_CLOUD_LOCATION"] || "global");
}

/** What follows the version in the path of every operation. */
const OPERATIONS = /(?<=\/v1(?:beta1)?)\/(?:projects|publishers)\/.*$/;

function givenAddress({ baseUrl }: VertexOptions): BaseUrl | undefined {
  const given = baseUrl ?? process.env["GOOGLE_VERTEX_BASE_URL"];
  return given ? readBaseUrl(given, OPERATIONS) : undefined;
}

function placeUrl(options: VertexOptions): string {
  const location = locationOf(options);
  if (location === "global") return "https://aiplatform.googleapis.com";
  if (location === "us" || location === "eu") return `https://aiplatform.${location}.rep.googleapis.com`;
  return readBaseUrl(`https://${location}-aiplatform.googleapis.com`).url;
}

function modelPath(options: VertexOptions): string {
  const project = projectOf(options);
  if (project === "") {
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

function projectOf({ project }: VertexOptions): string {
  return project ?? process.env["GOOGLE_CLOUD_PROJECT"] ?? "";
}

/** Reads a model's name as Google's own libraries do: `gemini-3.8-flash`, `publisher/model` or a path. */
function publisherPath(model: string): string {
  if (/^(?:projects|publishers|models)\//.test(model)) return model;
  const [publisher, name] = model.split("/", 2);
  return name === undefined
    ? `publishers/google/models/${model}`
    : `publishers/${publisher ?? ""}/models/${name}`;
}
