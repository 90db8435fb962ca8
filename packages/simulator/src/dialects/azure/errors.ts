import type { SimError, SimResponse } from "../../dialect.ts";
import { writeOpenaiError } from "../chat-completions/errors.ts";

/** What the content filter tells about each kind of harm. */
const FILTER_RESULT = {
  hate: { filtered: true, severity: "high" },
  self_harm: { filtered: false, severity: "safe" },
  sexual: { filtered: false, severity: "safe" },
  violence: { filtered: false, severity: "safe" },
};

/** Writes an error as Azure does: in its own words if Azure itself decides, else as OpenAI does. */
export function writeAzureError(error: SimError): SimResponse {
  switch (error.kind) {
    case "auth":
      return respond(401, {
        code: "401",
        message:
          "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid " +
          "key for an active subscription and use a correct regional API endpoint for your resource.",
      });
    case "pathNotFound":
      return respond(404, { code: "404", message: "Resource not found" });
    case "modelNotFound":
      return respond(404, {
        code: "DeploymentNotFound",
        message:
          "The API deployment for this resource does not exist. If you created the deployment within the " +
          "last 5 minutes, please wait a moment and try again.",
      });
    case "rateLimit":
    case "requestTooLarge":
      return respond(429, { code: "RateLimitReached", message: describeRate(error) });
    case "contentFilter":
      return respond(400, {
        message:
          "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. " +
          "Please modify your prompt and retry.",
        type: null,
        param: "prompt",
        code: "content_filter",
        status: 400,
        innererror: { code: "ResponsibleAIPolicyViolation", content_filter_result: FILTER_RESULT },
      });
    case "permission":
    case "noCredit":
    case "bodyTooLarge":
    case "bodyNotJson":
    case "badRequest":
    case "unsupportedParameter":
    case "contextTooLong":
    case "serverError":
    case "overloaded":
    default:
      return writeOpenaiError(error);
  }
}

function describeRate(error: Extract<SimError, { kind: "rateLimit" | "requestTooLarge" }>): string {
  const what = error.dimension === "requests" ? "call" : "token";
  const waitMs = "detail" in error ? error.detail?.waitMs : undefined;
  const wait = waitMs === undefined ? "" : ` Please retry after ${Math.ceil(waitMs / 1000)} seconds.`;
  return `Your requests to ${error.model} have exceeded the ${what} rate limit of your current pricing tier.${wait}`;
}

function respond(status: number, error: object): SimResponse {
  return { status, headers: {}, body: { error } };
}
