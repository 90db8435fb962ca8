import { allParamsBut } from "../../generation-params.ts";
import { ParrotError, type Choice } from "@parallel-parrot/core";
import { chatProvider } from "../provider.ts";
import { COMMON_CHAT, type ChatDialect } from "../dialect.ts";
import type { ErrorRule } from "../../errors/judgement.ts";
import type { ProviderInfo } from "../../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../../provider-options.ts";
import { countOf, fieldsOf, parseJson } from "../../json-fields.ts";
import type { Provider, ProviderAnswer, ProviderResponse } from "../../provider.ts";
import { fromEnvironment } from "../../request/credentials.ts";

type Completion = Extract<ProviderAnswer, { ok: true }>["completion"];

/** The variable that the server itself reads its port from. */
const PORT_VARIABLE = "LLAMA_ARG_PORT";

/** What is known of {@linkcode llamaCpp} before it is made. */
export const LLAMA_CPP: ProviderInfo = {
  name: "llamacpp",
  displayName: "llama.cpp",
  keyVariables: ["LLAMA_API_KEY"],
  needsKey: false,
  baseUrl: "http://localhost:8080/v1",
  placeVariables: [PORT_VARIABLE],
  baseUrlVariables: [],
  capabilities: {
    nativeN: true,
    json: "schema",
    images: ["url", "data"],
    limits: "none",
    params: allParamsBut("endUser"),
  },
};

/** A server refuses more choices for one request than it has slots, in words that differ between its versions. */
const errorRule: ErrorRule = (status, { message }, { amendments }) =>
  status === 400 && TOO_MANY_CHOICES.test(message) && !amendments.has("omit:n")
    ? { verdict: "amend", code: "BAD_REQUEST", amendment: "omit:n" }
    : undefined;

const TOO_MANY_CHOICES = /\bn_cmpl\b|^Field 'n':/;

const DIALECT: ChatDialect = {
  ...COMMON_CHAT,
  info: LLAMA_CPP,
  addressHint: `llama.cpp listens on port 8080, and some versions on 9931: name another port with ${PORT_VARIABLE}, or give the base URL`,
  showsSchema: false,
  errorRule,
  readLimits: () => [],
};

/**
 * The server of llama.cpp, by default on this machine at the port in the environment variable LLAMA_ARG_PORT.
 *
 * @throws ParrotError `INVALID_OPTION` if that is not a port
 */
export function llamaCpp(options: ProviderOptions): Provider {
  checkProviderOptions("llamaCpp", options);
  const provider = chatProvider(DIALECT, withPort(options));
  const root = provider.baseUrl.replace(/\/v1$/, "");
  return {
    ...provider,
    capacity: { url: `${root}/props`, read: readSlots },
    readResponse: (response, amendments) => {
      const answer = provider.readResponse(response, amendments);
      return answer.ok ? { ...answer, completion: withAllChoices(answer.completion, response) } : answer;
    },
  };
}

/**
 * Of several choices, the server counts the tokens of the first alone, as its timings show. Those of the others are
 * estimated by their length.
 */
function withAllChoices(completion: Completion, { body }: ProviderResponse): Completion {
  const { choices, usage } = completion;
  const [first] = choices;
  if (first === undefined || choices.length < 2) return completion;
  const ofOne = countOf(fieldsOf(fieldsOf(parseJson(body))["timings"])["predicted_n"]);
  if (ofOne === 0 || ofOne !== usage.outputTokens) return completion;
  const characters = choices.reduce((sum, choice) => sum + lengthOf(choice), 0);
  const share = lengthOf(first) === 0 ? choices.length : characters / lengthOf(first);
  return { ...completion, usage: { ...usage, outputTokens: Math.ceil(ofOne * share) } };
}

function lengthOf({ text, thoughts = "" }: Choice): number {
  return text.length + thoughts.length;
}

function withPort(options: ProviderOptions): ProviderOptions {
  const port = fromEnvironment([PORT_VARIABLE])?.trim();
  if (options.baseUrl !== undefined || port === undefined) return options;
  if (/^\d{1,5}$/.test(port)) return { ...options, baseUrl: `http://localhost:${port}/v1` };
  throw new ParrotError(
    "INVALID_OPTION",
    `Cannot use "${port}", which is set as ${PORT_VARIABLE}, as a port`,
    { option: PORT_VARIABLE },
  );
}

/** Each slot works on one request; further ones wait in the server. A server of several models tells no number. */
function readSlots({ status, body }: ProviderResponse): number | undefined {
  const slots = status === 200 ? countOf(fieldsOf(parseJson(body))["total_slots"]) : 0;
  return slots > 0 ? slots : undefined;
}
