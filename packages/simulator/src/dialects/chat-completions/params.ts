import type { ChatStyle } from "./style.ts";
import type { SimError } from "../../dialect.ts";
import { isObject, type JsonObject } from "../../json-value.ts";
import { bad, isGiven, outOfRange, unknown, wrongType } from "./problems.ts";

const PARAMETERS =
  "audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens " +
  "messages metadata modalities model moderation n parallel_tool_calls prediction presence_penalty " +
  "prompt_cache_key prompt_cache_options prompt_cache_retention reasoning_effort response_format " +
  "safety_identifier seed service_tier stop store stream stream_options temperature tool_choice tools " +
  "top_logprobs top_p user verbosity web_search_options";

/** The parameters that a server accepts. */
export interface ParamRules {
  readonly known: ReadonlySet<string>;
  readonly onUnknown: "refuse" | "drop";
  readonly maxChoices: number;
  readonly isStrict: boolean;
}

/** Makes the rules of a server with this style. */
export function paramRules(style: ChatStyle): ParamRules {
  const { ownParams = "", unknownParams = "", onUnknown = "refuse" } = style;
  const { maxChoices = 128, isStrict = true } = style;
  const known = new Set(`${PARAMETERS} ${ownParams}`.split(" "));
  for (const name of unknownParams.split(" ")) known.delete(name);
  return { known, onUnknown, maxChoices, isStrict };
}

/** Checks the parameters of a request; `undefined` if the API accepts them. */
export function checkParams(body: JsonObject, { known, maxChoices }: ParamRules): SimError | undefined {
  const unknownParam = Object.keys(body).find((name) => !known.has(name));
  if (unknownParam !== undefined) return unknown(unknownParam);
  if (isGiven(body["stream_options"]) && body["stream"] !== true) {
    return bad("The 'stream_options' parameter is only allowed when 'stream' is enabled.", {
      param: "stream_options",
    });
  }
  if (isGiven(body["max_tokens"]) && isGiven(body["max_completion_tokens"])) {
    return bad("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", {
      code: "invalid_parameter_combination",
    });
  }
  return (
    checkNumber(body, "n", { min: 1, max: maxChoices, integer: true }) ??
    checkNumber(body, "max_tokens", { min: 1, integer: true }) ??
    checkNumber(body, "max_completion_tokens", { min: 1, integer: true }) ??
    checkNumber(body, "seed", { integer: true }) ??
    checkNumber(body, "temperature", { min: 0, max: 2 }) ??
    checkNumber(body, "top_p", { min: 0, max: 1 }) ??
    checkNumber(body, "presence_penalty", { min: -2, max: 2 }) ??
    checkNumber(body, "frequency_penalty", { min: -2, max: 2 }) ??
    checkLogitBias(body["logit_bias"]) ??
    checkText(body, "user") ??
    checkText(body, "safety_identifier") ??
    checkStop(body["stop"])
  );
}

function checkNumber(
  body: JsonObject,
  param: string,
  { min = -Infinity, max = Infinity, integer = false }: { min?: number; max?: number; integer?: boolean },
): SimError | undefined {
  const value = body[param];
  if (!isGiven(value)) return undefined;
  if (typeof value !== "number" || (integer && !Number.isInteger(value)))
    return wrongType(param, integer ? "an integer" : "a decimal");
  const type = integer ? "integer" : "decimal";
  if (value < min) return outOfRange(param, type, { bound: "min", limit: min, value });
  return value > max ? outOfRange(param, type, { bound: "max", limit: max, value }) : undefined;
}

function checkLogitBias(bias: unknown): SimError | undefined {
  if (!isGiven(bias)) return undefined;
  const isMap = isObject(bias) && Object.values(bias).every((value) => typeof value === "number");
  return isMap ? undefined : wrongType("logit_bias", "an object of numbers");
}

function checkText(body: JsonObject, param: string): SimError | undefined {
  const value = body[param];
  return isGiven(value) && typeof value !== "string" ? wrongType(param, "a string") : undefined;
}

function checkStop(stop: unknown): SimError | undefined {
  const texts = [stop ?? []].flat();
  if (texts.some((text) => typeof text !== "string"))
    return wrongType("stop", "a string or array of strings");
  if (texts.length <= 4) return undefined;
  return bad(
    `Invalid 'stop': array too long. Expected at most 4 elements, but got ${texts.length} instead.`,
    {
      param: "stop",
      code: "array_above_max_length",
    },
  );
}
