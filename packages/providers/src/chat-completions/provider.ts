import { chargesOf } from "../limits/charge.ts";
import { readChatResponse } from "./response.ts";
import { chatBodyWriter } from "./request-body.ts";
import type { ChatDialect } from "./dialect.ts";
import { bearer, connect, JSON_HEADERS, type Connection } from "../request/connection.ts";
import type { ProviderOptions } from "../provider-options.ts";
import type { Provider } from "../provider.ts";
import { withoutSecret } from "../errors/rejected.ts";
import { vendorPrice } from "../pricing/vendor-price.ts";

/**
 * A vendor or server in its own dialect of Chat Completions: its usual address and key, a bearer token, and list
 * prices at its own address.
 *
 * @throws ParrotError as {@linkcode connect} does
 */
export function chatProvider(dialect: ChatDialect, options: ProviderOptions): Provider {
  const connection = connect(dialect.info, options);
  return {
    ...chatCompletions(dialect, connection, options),
    ...vendorPrice(dialect.info.name, connection.isDefault, options),
  };
}

/** An address of Chat Completions and how to be let in. */
export interface ChatServer extends Pick<Connection, "baseUrl" | "apiKey"> {
  /** What follows the path of every URL, such as `?api-version=…`. @default nothing */
  readonly query?: string;
  /** @default the key as a bearer token */
  readonly authorize?: Provider["authorize"];
  /** What was sent last of a credential that changes: a server may echo it. @default the key */
  readonly secret?: () => string;
}

/** Chat Completions at an address, in one server's dialect. */
export function chatCompletions(
  dialect: ChatDialect,
  { baseUrl, apiKey, query = "", authorize, secret = () => apiKey }: ChatServer,
  options: ProviderOptions,
): Provider {
  const { info, readLimits, charge } = dialect;
  const credentials = bearer(apiKey);
  const url = `${baseUrl}/chat/completions${query}`;
  const writeBody = chatBodyWriter(dialect, options);
  const headers = { ...options.headers, ...JSON_HEADERS };
  const [keyVariable = ""] = info.keyVariables;
  return {
    name: info.name,
    model: options.model,
    baseUrl,
    capabilities: info.capabilities,
    buildRequest: (call, amendments) => ({ method: "POST", url, headers, ...writeBody(call, amendments) }),
    authorize: authorize ?? (() => credentials),
    readResponse: (response, amendments) =>
      withoutSecret(readChatResponse(response, amendments, dialect), secret(), keyVariable),
    readLimits,
    ...chargesOf(charge),
  };
}
