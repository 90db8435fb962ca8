import { httpProvider } from "../http-provider.ts";
import { keyCredentials, type Credentials } from "../request/credentials.ts";
import type { Price } from "../pricing/price.ts";
import { chargesOf } from "../limits/charges.ts";
import { readChatAnswer } from "./response.ts";
import { chatBodyWriter } from "./request-body.ts";
import type { ChatDialect } from "./dialect.ts";
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
  const { baseUrl, apiKey, isDefault } = connect(dialect.info, options);
  const price = vendorPrice(dialect.info.name, isDefault, options);
  return chatCompletions(dialect, { baseUrl, credentials: keyCredentials(apiKey), ...price }, options);
}

/** Where a server is asked, and with which credentials. */
export interface ChatServer {
  readonly baseUrl: string;
  /** The query of every URL, such as `?api-version=…`. @default none */
  readonly query?: string;
  readonly credentials: Credentials;
  readonly price?: Price;
}

/** Makes the provider of a server with an address and credentials of its own. */
export function chatCompletions(
  dialect: ChatDialect,
  { baseUrl, query = "", credentials, price }: ChatServer,
  options: ProviderOptions,
): Provider {
  const { info, readLimits, charge } = dialect;
  return httpProvider({
    info,
    options,
    baseUrl,
    url: `${baseUrl}/chat/completions${query}`,
    credentials,
    price,
    writeBody: chatBodyWriter(dialect, options),
    readAnswer: (response, amendments) => readChatAnswer(response, amendments, dialect),
    readLimits,
    charges: chargesOf(charge),
  });
}
