import { openaiBatchApi } from "../batches.ts";
import { chatDialect } from "../dialect.ts";
import type { Dialect, SimError, SimResponse } from "../../../dialect.ts";
import { formatGoDuration } from "../go-duration.ts";
import { writeOpenaiError } from "../errors.ts";
import { writeOpenaiLimits } from "../limits.ts";

const MINUTES_PER_DAY = 1440;
const DAY_MS = 86_400_000;

/** Chat completions of Groq, whose headers tell the requests per day and the tokens per minute. */
export const groqDialect: Dialect = {
  ...chatDialect({
    name: "groq",
    basePath: "/openai/v1",
    ownParams:
      "citation_options compound_custom disable_tool_validation documents include_reasoning reasoning_format search_settings",
    unknownParams: "logit_bias logprobs safety_identifier top_logprobs",
    maxChoices: 1,
  }),
  filters: { prompt: "none", answer: "none" },
  batches: openaiBatchApi("/openai/v1"),
  writeError,

  writeLimits({ requests, ...limits }, waitMs) {
    if (requests === undefined) return writeOpenaiLimits(limits, waitMs, formatGoDuration);
    // Where the limits count a day, they are told as they are.
    if ((requests.windowMs ?? 0) >= DAY_MS) return writeOpenaiLimits({ requests }, waitMs, formatGoDuration);
    // The limit of a day is what the limit of a minute allows in a whole day.
    const limit = requests.limit * MINUTES_PER_DAY;
    const ofDay = { ...requests, limit, remaining: limit - (requests.limit - requests.remaining) };
    return writeOpenaiLimits({ ...limits, requests: ofDay }, waitMs, formatGoDuration);
  },
};

/** A request that needs more than the whole limit has its own status. */
function writeError(error: SimError): SimResponse {
  const response = writeOpenaiError(error);
  return error.kind === "requestTooLarge" ? { ...response, status: 413 } : response;
}
