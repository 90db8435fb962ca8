import { httpProvider } from "../http-provider.ts";
import { keyCredentials, type Credentials } from "../request/credentials.ts";
import type { Price } from "../pricing/price.ts";
import { chargesOf } from "../limits/charges.ts";
import { readRefusedLimits } from "../errors/refused-limit.ts";
import { readChatAnswer } from "./response.ts";
import { chatBodyWriter } from "./request-body.ts";
import { chatStream } from "./stream.ts";
import type { ChatDialect } from "./dialect.ts";
import type { BaseUrl } from "../request/base-url.ts";
import { connect } from "../request/connection.ts";
import type { ProviderOptions } from "../provider-options.ts";
import type { Provider } from "../provider.ts";
import { vendorPrice } from "../pricing/vendor-price.ts";

/**
 * Makes the provider of a vendor or server that speaks Chat Completions. Address and key are found in the usual way,
 * the key is sent as a bearer token, and list prices hold at the vendor's own address.
 *
 * @throws ParrotError in the cases of {@linkcode connect}
 */
export function chatProvider(dialect: ChatDialect, options: ProviderOptions): Provider {
  const { baseUrl, address, apiKey, isDefault } = connect(dialect.info, options);
  const price = vendorPrice(dialect.info.name, isDefault, options);
  const pathHint = isDefault ? undefined : versionHint(baseUrl);
  const server = { baseUrl, address, pathHint, credentials: keyCredentials(apiKey), ...price };
  return chatCompletions(dialect, server, options);
}

/** Most servers have the API below a version, and people leave it out. */
function versionHint(baseUrl: string): string | undefined {
  const hasVersion = /\/v\d/.test(new URL(baseUrl).pathname);
  return hasVersion
    ? undefined
    : `The base URL has no version in it; most servers have the API at ${baseUrl}/v1`;
}

/** Where a server is asked, and with which credentials. */
export interface ChatServer {
  readonly baseUrl: string;
  /** The address as it was given, with the query of every URL. */
  readonly address: BaseUrl;
  /** What else is told of how the options were understood. @default nothing */
  readonly notes?: readonly string[];
  /** Where else at this server the API may be, in a whole sentence. @default unknown */
  readonly pathHint?: string | undefined;
  readonly credentials: Credentials;
  readonly price?: Price;
}

/** Makes the provider of a server with an address and credentials of its own. */
export function chatCompletions(
  dialect: ChatDialect,
  { baseUrl, ...server }: ChatServer,
  options: ProviderOptions,
): Provider {
  const { info, addressHint, readLimits, charge, batch } = dialect;
  return httpProvider({
    info,
    options,
    baseUrl,
    url: `${baseUrl}/chat/completions`,
    addressHint,
    ...server,
    promptCache: dialect.promptCache?.(options.model),
    writeBody: chatBodyWriter(dialect, options),
    stream: chatStream(dialect, options),
    readAnswer: (response, amendments) => readChatAnswer(response, amendments, dialect),
    readLimits: (response) => [...readLimits(response), ...readRefusedLimits(response)],
    charges: chargesOf(charge),
    batch,
  });
}
