import { chargesOf } from "./charge.ts";
import { readChatResponse } from "./chat-answer.ts";
import { chatBodyWriter } from "./chat-body.ts";
import type { ChatDialect } from "./chat-dialect.ts";
import { bearer, type Connection } from "./connection.ts";
import type { ProviderOptions } from "./provider-options.ts";
import type { Provider } from "./provider.ts";
import { withoutSecret } from "./rejected.ts";

/** Headers of a request with a JSON body. */
export const JSON_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "application/json",
  accept: "application/json",
};

/** A server that speaks Chat Completions, in its own dialect. */
export function chatCompletions(
  dialect: ChatDialect,
  { baseUrl, apiKey }: Pick<Connection, "baseUrl" | "apiKey">,
  options: ProviderOptions,
): Provider {
  const { info, readLimits, charge } = dialect;
  const credentials = bearer(apiKey);
  const url = `${baseUrl}/chat/completions`;
  const writeBody = chatBodyWriter(dialect, options);
  const headers = { ...options.headers, ...JSON_HEADERS };
  const [keyVariable = ""] = info.keyVariables;
  return {
    name: info.name,
    model: options.model,
    baseUrl,
    capabilities: info.capabilities,
    buildRequest: (call, amendments) => ({ method: "POST", url, headers, ...writeBody(call, amendments) }),
    authorize: () => credentials,
    readResponse: (response, amendments) =>
      withoutSecret(readChatResponse(response, amendments, dialect), apiKey, keyVariable),
    readLimits,
    ...chargesOf(charge),
  };
}
