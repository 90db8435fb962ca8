import { chatDialect } from "../dialect.ts";
import { writeOpenaiUsage } from "../response.ts";
import type { Dialect } from "../../../dialect.ts";
import { isObject } from "../../../json-value.ts";
import { bad } from "../problems.ts";
import { ownErrors } from "../own-errors.ts";

const CHAT = chatDialect({
  name: "deepseek",
  basePath: "",
  ownParams: "thinking",
  unknownParams: "logit_bias n safety_identifier seed user",
  writeUsage: (usage) => ({
    ...writeOpenaiUsage(usage),
    prompt_cache_hit_tokens: usage.cached,
    prompt_cache_miss_tokens: usage.fresh,
  }),
});

/** Chat completions of DeepSeek, which has JSON mode but no schemas, and tells no limits. */
export const deepseekDialect: Dialect = {
  ...CHAT,

  readRequest(body, route, target) {
    const { response_format: format, thinking } = isObject(body) ? body : {};
    if (isObject(format) && format["type"] === "json_schema")
      return { error: bad("This response_format type is unavailable now") };
    const reading = CHAT.readRequest(body, route, target);
    if ("error" in reading) return reading;
    return { request: { ...reading.request, thinks: isObject(thinking) && thinking["type"] === "enabled" } };
  },

  writeError: ownErrors({
    auth: {
      status: 401,
      message: "Authentication Fails, Your api key: ****abcd is invalid",
      type: "authentication_error",
      code: "invalid_request_error",
    },
    modelNotFound: invalid(400, "Model Not Exist"),
    noCredit: invalid(402, "Insufficient Balance"),
    rateLimit: {
      status: 429,
      message: "Rate limit reached: too many concurrent requests",
      type: "rate_limit_error",
    },
    contentFilter: invalid(400, "Content Exists Risk"),
    overloaded: {
      status: 503,
      message: "Service is too busy. Please retry later",
      type: "service_unavailable_error",
    },
  }),

  writeLimits: () => ({}),
};

function invalid(status: number, message: string) {
  return { status, message, type: "invalid_request_error", code: "invalid_request_error" };
}
