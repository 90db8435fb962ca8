import { allParamsBut } from "../generation-params.ts";
import { httpProvider } from "../http-provider.ts";
import { keyCredentials } from "../request/credentials.ts";
import { chargesOf, COMMON_CHARGE } from "../limits/charges.ts";
import { type BaseUrl, readBaseUrl } from "../request/base-url.ts";
import { readOllamaAnswer } from "./response.ts";
import { ollamaBodyWriter } from "./request-body.ts";
import { OLLAMA_STREAM } from "./stream.ts";
import type { ProviderInfo } from "../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../provider-options.ts";
import type { Provider } from "../provider.ts";
import { readKey } from "../request/credentials.ts";
import { withoutQuotes } from "../request/without-quotes.ts";

/**
 * Options of {@linkcode ollama}. `baseUrl` has no `/api` and may have the form of OLLAMA_HOST, such as `gpu.lan:11434`.
 * Options of the model such as the context length go into `extraBody`: `{ options: { num_ctx: 8192 } }`.
 */
export type OllamaOptions = ProviderOptions;

const KEY_VARIABLE = "OLLAMA_API_KEY";

/** What is known of {@linkcode ollama} before it is made. */
export const OLLAMA: ProviderInfo = {
  name: "ollama",
  displayName: "Ollama",
  keyVariables: [KEY_VARIABLE],
  needsKey: false,
  baseUrl: "http://127.0.0.1:11434",
  baseUrlVariables: ["OLLAMA_HOST"],
  capabilities: {
    nativeN: false,
    json: "schema",
    images: ["data"],
    limits: "none",
    params: allParamsBut("logitBias", "endUser"),
  },
};

/**
 * Ollama's own Chat API, on this machine, on another one, or in its cloud (`https://ollama.com`).
 *
 * Requests tell the server to refuse a prompt that does not fit the context; it would cut it silently otherwise.
 */
export function ollama(options: OllamaOptions): Provider {
  checkProviderOptions("ollama", options);
  const { baseUrl, address } = addressOf(options.baseUrl ?? process.env["OLLAMA_HOST"] ?? "");
  return httpProvider({
    info: OLLAMA,
    options,
    baseUrl,
    address,
    url: `${baseUrl}/api/chat`,
    credentials: keyCredentials(keyFor(baseUrl, options.apiKey)),
    writeBody: ollamaBodyWriter(OLLAMA, options),
    stream: OLLAMA_STREAM,
    readAnswer: readOllamaAnswer,
    charges: chargesOf(COMMON_CHARGE),
  });
}

const DEFAULT_PORT = "11434";

/** Also those of its other API, OpenAI's, which it has below `/v1`. */
const OPERATIONS = /\/api\/(?:chat|generate)$|\/v1(?:\/chat\/completions|\/completions|\/responses)?$/;

/** OLLAMA_HOST may be a host, a port, both, or a URL. An address to listen on everywhere means this machine. */
function addressOf(text: string): { readonly baseUrl: string; readonly address?: BaseUrl } {
  const host = withoutQuotes(text);
  if (host === "") return { baseUrl: OLLAMA.baseUrl ?? "" };
  const hasProtocol = host.includes("://");
  const full = hasProtocol ? host : `http://${host.startsWith(":") ? `127.0.0.1${host}` : host}`;
  const address = readBaseUrl(full, OPERATIONS);
  const url = new URL(address.url);
  if (url.hostname === "0.0.0.0" || url.hostname === "[::]") url.hostname = "127.0.0.1";
  if (!hasProtocol && url.port === "" && !/:80(?:\/|$)/.test(full)) url.port = DEFAULT_PORT;
  return { baseUrl: url.href.replace(/(?<!\/)\/+$/, "").replace(/\/api$/, ""), address };
}

/** The key in the environment is sent only to the cloud; other servers get only a key that is passed as an option. */
function keyFor(baseUrl: string, apiKey: string | undefined): string {
  const isCloud = /(?:^|\.)ollama\.com$/.test(new URL(baseUrl).hostname);
  return isCloud ? readKey(apiKey, KEY_VARIABLE) : readKey(apiKey);
}
