import { type BaseUrl, notesOn } from "./request/base-url.ts";
import { checkExtraHeaders, withSecretHeaders } from "./request/extra-headers.ts";
import { redact } from "./secrets/redact.ts";
import { secretOf } from "./secrets/secret.ts";
import { readUnwrapped } from "./response/read-unwrapped.ts";
import { streamingOf } from "./streaming/streaming-of.ts";
import type { StreamForm } from "./streaming/stream-form.ts";
import type { Price } from "./pricing/price.ts";
import type { PromptCacheInfo } from "./prompt-cache/prompt-cache-info.ts";
import { batchOf, type BatchOwner } from "./batch/batch-of.ts";
import type { BatchForm, BatchHost } from "./batch/batch-host.ts";
import type { ProviderInfo } from "./provider-info.ts";
import type { ProviderOptions } from "./provider-options.ts";
import type { Provider, ProviderAnswer, ProviderResponse } from "./provider.ts";
import type { BodyWriter } from "./request/body-writer.ts";
import type { Credentials } from "./request/credentials.ts";

/** An API that takes a JSON body by POST; the files of its folder provide the parts. */
export interface HttpApi {
  readonly info: ProviderInfo;
  readonly options: Pick<ProviderOptions, "model" | "headers" | "secretHeaders" | "stream">;
  readonly baseUrl: string;
  /** The URL of every request, without its query. */
  readonly url: string;
  /** The address as it was given. @default it is the vendor's own */
  readonly address?: BaseUrl | undefined;
  /** What else is told of how the options were understood. @default nothing */
  readonly notes?: readonly string[];
  /** See {@linkcode Provider.addressHint}. @default none */
  readonly addressHint?: string | undefined;
  /** Where else at this server the API may be, in a whole sentence. @default unknown */
  readonly pathHint?: string | undefined;
  /** Headers that the API demands beside those of JSON. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  readonly credentials: Credentials;
  /** The environment variable that a message names if no key was sent. @default the first of the provider's */
  readonly keyVariable?: string;
  /** @default not known */
  readonly price?: Price | undefined;
  /** @default not known */
  readonly promptCache?: PromptCacheInfo | undefined;
  readonly writeBody: BodyWriter;
  /** How the API streams its answers. @default it is not asked to, and no stream is read */
  readonly stream?: StreamForm;
  readonly readAnswer: Provider["readResponse"];
  /** @default the API tells no limits */
  readonly readLimits?: Provider["readLimits"];
  readonly charges: Pick<Provider, "chargeUpFront" | "chargeAfter">;
  /** How the API takes many requests as one job. @default it does not */
  readonly batch?: ((host: BatchHost) => BatchForm) | undefined;
}

const JSON_HEADERS = { "content-type": "application/json", accept: "application/json" };

/** Makes the provider of an API. The key never appears in its messages. */
export function httpProvider(api: HttpApi): Provider {
  const { info, options, baseUrl, url, price, promptCache, writeBody, readAnswer, charges } = api;
  const { keyVariable = info.keyVariables[0] ?? "", readLimits = () => [] } = api;
  const { address, addressHint, pathHint } = api;
  const notes = [...(address === undefined ? [] : notesOn(address, baseUrl)), ...(api.notes ?? [])];
  const fullUrl = `${url}${address?.query ?? ""}`;
  const ownHeaders = { ...api.headers, ...JSON_HEADERS };
  checkExtraHeaders(options, ownHeaders, api.credentials);
  const headers = { ...options.headers, ...ownHeaders };
  const credentials = withSecretHeaders(api.credentials, options.secretHeaders);
  const streaming = streamingOf(api);
  const provider: Provider = {
    name: info.name,
    model: options.model,
    baseUrl,
    capabilities: info.capabilities,
    ...(notes.length === 0 ? {} : { notes }),
    ...(addressHint === undefined ? {} : { addressHint }),
    ...(price === undefined ? {} : { price }),
    ...(promptCache === undefined ? {} : { promptCache }),
    buildRequest(call, amendments) {
      const { marked, ...written } = writeBody(call, amendments);
      const plain = { method: "POST", url: fullUrl, headers, ...written } as const;
      if (marked === undefined) return streaming.ask(plain, amendments);
      const { body } = plain;
      const withMarks = { ...plain, body: marked, isMarked: true, plain: { url: fullUrl, body } } as const;
      return streaming.ask(withMarks, amendments);
    },
    authorize: credentials.authorize,
    readResponse: (response, amendments) => {
      const read = streaming.read(response, amendments, (plain, known) =>
        readUnwrapped(plain, (inner) => readAnswer(inner, known)),
      );
      const answer = withoutSecret(read, credentials, keyVariable);
      if (!answer.ok && answer.rejection.code === "AUTHENTICATION") credentials.refused?.();
      return withPathHint(answer, response, pathHint);
    },
    readLimits,
    ...charges,
  };
  if (api.batch === undefined) return provider;
  const owner: BatchOwner = {
    model: options.model,
    baseUrl,
    query: address?.query ?? "",
    headers: { ...options.headers, ...api.headers },
    isOwnAddress: info.baseUrl === undefined || info.baseUrl === baseUrl,
    readResponse: (response, amendments) => provider.readResponse(response, amendments),
  };
  return { ...provider, batch: batchOf(api.batch, owner, credentials) };
}

/**
 * Takes the key out of the message of a rejection, and out of a body that was put together from pieces. If no key was
 * sent, the message also says how to pass one: by the variable, or as an option if there is no variable.
 */
function withoutSecret(answer: ProviderAnswer, credentials: Credentials, variable: string): ProviderAnswer {
  const { otherSecrets = [] } = credentials;
  const secret = credentials.secret();
  if (answer.ok) {
    const { body } = answer;
    if (body === undefined) return answer;
    const clean = [secret, ...otherSecrets].reduce(
      (text, each) => secretOf(each)?.removeFromAnswer(text) ?? text,
      body,
    );
    return { ...answer, body: clean };
  }
  const { rejection } = answer;
  const text = otherSecrets.reduce(
    (message, other) => secretOf(other)?.removeFrom(message) ?? message,
    rejection.message,
  );
  const hasNoKey = secret === "" && rejection.code === "AUTHENTICATION";
  const remedy = variable === "" ? "pass one as apiKey" : `set the environment variable ${variable}`;
  const hint = hasNoKey ? `; no key was sent, ${remedy}` : "";
  return { ...answer, rejection: { ...rejection, message: `${redact(text, secret)}${hint}` } };
}

/** Says where else the API may be, if what answered was not the API. */
function withPathHint(
  answer: ProviderAnswer,
  { status }: ProviderResponse,
  hint: string | undefined,
): ProviderAnswer {
  if (answer.ok || hint === undefined) return answer;
  const { code, message } = answer.rejection;
  const isElsewhere = code === "NOT_THE_API" || code === "BAD_RESPONSE" || status === 405;
  if (!isElsewhere) return answer;
  return { ...answer, rejection: { ...answer.rejection, message: `${message}. ${hint}` } };
}
