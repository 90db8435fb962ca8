import { chatDialect } from "../dialect.ts";
import type { Dialect, LimitState } from "../../../dialect.ts";
import { ownErrors } from "../own-errors.ts";

/** Chat completions of Together AI, whose headers tell limits per second. */
export const togetherDialect: Dialect = {
  ...chatDialect({
    name: "together",
    basePath: "/v1",
    ownParams:
      "compliance context_length_exceeded_behavior echo min_p reasoning repetition_penalty safety_model top_k",
    finishWords: { stop: "eos" },
    isStrict: false,
  }),
  filters: { prompt: "none", answer: "none" },

  writeError: ownErrors({
    noCredit: { status: 402, message: "Credit limit exceeded.", type: "credit_limit" },
    rateLimit: {
      status: 429,
      message: "Request was rejected due to request rate limiting.",
      type: "request_rate_limit",
    },
    overloaded: { status: 503, message: "The server is overloaded.", type: "service_unavailable" },
  }),

  writeLimits({ requests, tokens }) {
    return {
      ...(requests !== undefined && {
        ...perSecond("x-ratelimit", requests),
        "x-ratelimit-reset": String(Math.ceil(requests.resetMs / 1000)),
      }),
      ...(tokens !== undefined && perSecond("x-tokenlimit", tokens)),
    };
  },
};

function perSecond(name: string, { limit, remaining }: LimitState): Readonly<Record<string, string>> {
  return {
    [`${name}-limit`]: String(limit / 60),
    [`${name}-remaining`]: String(Math.floor(remaining / 60)),
  };
}
