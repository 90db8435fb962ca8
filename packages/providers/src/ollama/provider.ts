import { httpProvider } from "../http-provider.ts";
import { keyCredentials } from "../request/credentials.ts";
import { chargesOf, COMMON_CHARGE } from "../limits/charge.ts";
import { checkBaseUrl } from "../request/connection.ts";
import { readOllamaAnswer } from "./response.ts";
import { ollamaBodyWriter } from "./request-body.ts";
import type { ProviderInfo } from "../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../provider-options.ts";
import type { Provider } from "../provider.ts";
import { readKey } from "../request/credentials.ts";

/**
 * Options of {@linkcode ollama}. Its `baseUrl` is without `/api` and may be written as in OLLAMA_HOST, such as
 * `gpu.lan:11434`; options of the model such as the context length go into `extraBody`:
 * `{ options: { num_ctx: 8192 } }`.
 */
export type OllamaOptions = ProviderOptions;

const KEY_VARIABLE = "OLLAMA_API_KEY";

/** {@linkcode ollama} as data. */
export const OLLAMA: ProviderInfo = {
  name: "ollama",
  displayName: "Ollama",
  keyVariables: [KEY_VARIABLE],
  needsKey: false,
  baseUrl: "http://127.0.0.1:11434",
  baseUrlVariables: ["OLLAMA_HOST"],
  capabilities: { nativeN: false, json: "schema", images: ["data"], limits: "none" },
};

/**
 * Ollama by its own Chat API, on this machine, on another, or in its cloud (`https://ollama.com`).
 *
 * A prompt that does not fit the context is refused: the server would cut it silently.
 */
export function ollama(options: OllamaOptions): Provider {
  checkProviderOptions("ollama", options);
  const baseUrl = addressOf(options.baseUrl ?? process.env["OLLAMA_HOST"] ?? "");
  return httpProvider({
    info: OLLAMA,
    options,
    baseUrl,
    url: `${baseUrl}/api/chat`,
    credentials: keyCredentials(keyFor(baseUrl, options.apiKey)),
    writeBody: ollamaBodyWriter(OLLAMA, options),
    readAnswer: readOllamaAnswer,
    charges: chargesOf(COMMON_CHARGE),
  });
}

const DEFAULT_PORT = "11434";

/** OLLAMA_HOST may be a host, a port, both or a URL; where a server listens everywhere, it is asked on this machine. */
function addressOf(host: string): string {
  if (host === "") return OLLAMA.baseUrl ?? "";
  const hasProtocol = host.includes("://");
  const text = hasProtocol ? host : `http://${host.startsWith(":") ? `127.0.0.1${host}` : host}`;
  const url = new URL(checkBaseUrl(text));
  if (url.hostname === "0.0.0.0" || url.hostname === "[::]") url.hostname = "127.0.0.1";
  if (!hasProtocol && url.port === "" && !/:80(?:\/|$)/.test(text)) url.port = DEFAULT_PORT;
  return url.href.replace(/\/+$/, "").replace(/\/api$/, "");
}

/** The key of the cloud goes nowhere else unless it is passed. */
function keyFor(baseUrl: string, apiKey: string | undefined): string {
  const isCloud = /(?:^|\.)ollama\.com$/.test(new URL(baseUrl).hostname);
  return isCloud ? readKey(apiKey, KEY_VARIABLE) : readKey(apiKey);
}
