import { httpProvider } from "../http-provider.ts";
import { GEMINI_PARAMS, geminiBodyWriter } from "./request-body.ts";
import { GEMINI_STREAM } from "./stream.ts";
import { keyCredentials, type Credentials } from "../request/credentials.ts";
import { aFunction, aText, ParrotError } from "@parallel-parrot/core";
import { chargesOf } from "../limits/charges.ts";
import { type BaseUrl, readBaseUrl } from "../request/base-url.ts";
import { defaultGoogleToken, GOOGLE_LIBRARY } from "./default-token.ts";
import { otherModelNote } from "./other-model-note.ts";
import { placeNotes, vertexPlace, type VertexPlace } from "./vertex-place.ts";
import { readGeminiAnswer } from "./response.ts";
import type { ProviderInfo } from "../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../provider-options.ts";
import type { Provider } from "../provider.ts";
import { bearer, missingKeyOrLibrary, readKey } from "../request/credentials.ts";

/** Options of {@linkcode vertex}. `apiKey` is an OAuth access token of the scope `cloud-platform`. */
export interface VertexOptions extends ProviderOptions {
  /** @default the project in `baseUrl`, else the environment variable GOOGLE_CLOUD_PROJECT */
  readonly project?: string;
  /** @default the location in `baseUrl`, else the environment variable GOOGLE_CLOUD_LOCATION, else `global` */
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
  otherVariables: ["GOOGLE_CLOUD_LOCATION"],
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
  const address = givenAddress(options);
  const place = vertexPlace(options, address);
  const credentials = credentialsOf(options, place);
  const baseUrl = address?.url.replace(/\/v1(?:beta1)?$/, "") ?? placeUrl(place);
  return httpProvider({
    info: VERTEX,
    options,
    baseUrl,
    address,
    notes: [
      ...placeNotes(address, place),
      ...(address === undefined ? [] : otherModelNote(address, options.model)),
    ],
    url: `${baseUrl}/v1beta1/${modelPath(options.model, place)}:generateContent`,
    credentials,
    writeBody: geminiBodyWriter(VERTEX, options),
    stream: GEMINI_STREAM,
    readAnswer: readGeminiAnswer,
    // There is no `readLimits`: quotas are shared and change, and refusals do not tell them.
    charges: chargesOf({ cap: "free", cachedCounts: true }),
  });
}

function credentialsOf({ apiKey, getAccessToken }: VertexOptions, { project }: VertexPlace): Credentials {
  const token = readKey(apiKey, ...VERTEX.keyVariables);
  if (apiKey === undefined && getAccessToken !== undefined) return freshTokens(getAccessToken, token);
  if (token !== "") return keyCredentials(token);
  const found = defaultGoogleToken(project);
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

/** What follows the version in the path of every operation. */
const OPERATIONS = /(?<=\/v1(?:beta1)?)\/(?:projects|publishers)\/.*/s;

function givenAddress({ baseUrl }: VertexOptions): BaseUrl | undefined {
  const given = baseUrl ?? process.env["GOOGLE_VERTEX_BASE_URL"];
  return given ? readBaseUrl(given, OPERATIONS) : undefined;
}

function placeUrl({ location }: VertexPlace): string {
  if (location === "global") return "https://aiplatform.googleapis.com";
  if (location === "us" || location === "eu") return `https://aiplatform.${location}.rep.googleapis.com`;
  return readBaseUrl(`https://${location}-aiplatform.googleapis.com`).url;
}

function modelPath(model: string, { project, location }: VertexPlace): string {
  if (project === "") {
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot use Google Vertex AI without a project; set the environment variable GOOGLE_CLOUD_PROJECT, or in code the option project",
      { option: "project" },
    );
  }
  const name = publisherPath(model);
  const path = name.startsWith("projects/") ? name : `projects/${project}/locations/${location}/${name}`;
  return path.split("/").map(encodeURIComponent).join("/");
}

/** Reads a model's name as Google's own libraries do: `gemini-3.8-flash`, `publisher/model` or a path. */
function publisherPath(model: string): string {
  if (/^(?:projects|publishers|models)\//.test(model)) return model;
  const [publisher, name] = model.split("/", 2);
  return name === undefined
    ? `publishers/google/models/${model}`
    : `publishers/${publisher ?? ""}/models/${name}`;
}
