import { allParamsBut } from "../../generation-params.ts";
import { ParrotError } from "@parallel-parrot/core";
import { chatProvider } from "../provider.ts";
import { COMMON_CHAT, type ChatDialect } from "../dialect.ts";
import type { ErrorRule } from "../../errors/classify-error.ts";
import type { ProviderInfo } from "../../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../../provider-options.ts";
import { countOf, fieldsOf, parseJson } from "../../json-fields.ts";
import type { Provider, ProviderResponse } from "../../provider.ts";
import { fromEnvironment } from "../../request/credentials.ts";

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

/** A server refuses more choices for one request than it has slots. */
const errorRule: ErrorRule = (status, { message }, { amendments }) =>
  status === 400 && message.includes("n_cmpl") && !amendments.has("omit:n")
    ? { verdict: "amend", code: "BAD_REQUEST", amendment: "omit:n" }
    : undefined;

const DIALECT: ChatDialect = {
  ...COMMON_CHAT,
  info: LLAMA_CPP,
  addressHint: `llama.cpp listens on port 8080, and some versions on 9931: name another port by ${PORT_VARIABLE}, or the base URL`,
  showsSchema: false,
  errorRule,
  readLimits: () => [],
};

/**
 * The server of llama.cpp, by default on this machine at the port in the environment variable LLAMA_ARG_PORT.
 *
 * @throws ParrotError `INVALID_OPTION` if that is no port
 */
export function llamaCpp(options: ProviderOptions): Provider {
  checkProviderOptions("llamaCpp", options);
  const provider = chatProvider(DIALECT, withPort(options));
  const root = provider.baseUrl.replace(/\/v1$/, "");
  return { ...provider, capacity: { url: `${root}/props`, read: readSlots } };
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
