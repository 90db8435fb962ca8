import { httpProvider } from "../http-provider.ts";
import { keyCredentials, type Credentials } from "../request/credentials.ts";
import type { Price } from "../pricing/price.ts";
import { chargesOf } from "../limits/charge.ts";
import { readChatAnswer } from "./response.ts";
import { chatBodyWriter } from "./request-body.ts";
import type { ChatDialect } from "./dialect.ts";
import { connect } from "../request/connection.ts";
import type { ProviderOptions } from "../provider-options.ts";
import type { Provider } from "../provider.ts";
import { vendorPrice } from "../pricing/vendor-price.ts";

/**
 * A vendor or server in its own dialect of Chat Completions: its usual address and key, a bearer token, and list
 * prices at its own address.
 *
 * @throws ParrotError as {@linkcode connect} does
 */
export function chatProvider(dialect: ChatDialect, options: ProviderOptions): Provider {
  const { baseUrl, apiKey, isDefault } = connect(dialect.info, options);
  const price = vendorPrice(dialect.info.name, isDefault, options);
  return chatCompletions(dialect, { baseUrl, credentials: keyCredentials(apiKey), ...price }, options);
}

/** An address of Chat Completions and how to be let in. */
export interface ChatServer {
  readonly baseUrl: string;
  /** What follows the path of every URL, such as `?api-version=…`. @default nothing */
  readonly query?: string;
  readonly credentials: Credentials;
  readonly price?: Price;
}

/** Chat Completions at an address, in one server's dialect. */
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
