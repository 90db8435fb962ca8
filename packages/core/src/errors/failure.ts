import type { Usage } from "../items/usage.ts";

/** Why one row failed. A closed set: match on it. */
export type FailureCode =
  /** The template names a column or path that this row lacks, and gives no default. */
  | "MISSING_VALUE"
  /** A function used as a template threw. */
  | "TEMPLATE_FAILED"
  /** The row's own model or parameter is missing, or not what such a one can be. */
  | "INVALID_PARAMETER"
  /** An image of the prompt is missing, too large, not an image, or in a folder where images may not be. */
  | "INVALID_IMAGE"
  /** The provider refused the request as malformed (HTTP 400, 422 and the like). */
  | "BAD_REQUEST"
  /** The server refuses this row as it refuses a key or a model (HTTP 401, 403, 404), and answers others. */
  | "BLOCKED"
  /** Prompt and answer together do not fit the model's context window. */
  | "CONTEXT_TOO_LONG"
  /** The request alone is larger than the whole rate limit, or than the API accepts. */
  | "REQUEST_TOO_LARGE"
  /** The provider's content filter blocked the prompt or the answer. */
  | "CONTENT_FILTERED"
  /** The model declined to answer. */
  | "REFUSED"
  /** The response was larger than the cap on decompressed bytes. */
  | "RESPONSE_TOO_LARGE"
  /** The server failed (5xx) on every attempt. */
  | "SERVER_ERROR"
  /** The server was still loading the model, on every attempt. */
  | "MODEL_LOADING"
  /** The response was not what the API promises (not JSON, truncated) on every attempt. */
  | "BAD_RESPONSE"
  /** The connection failed on every attempt. */
  | "NETWORK"
  /** No answer within the attempt's or the row's time on every attempt. */
  | "TIMEOUT"
  /** The server was still throttling this row when its time was up. */
  | "RATE_LIMITED"
  /** The journal has no answer to this request, and the run was told to send nothing. */
  | "NOT_ASKED"
  /** The answer was empty. */
  | "EMPTY_ANSWER"
  /** The answer did not have the wanted shape, asked again or not. */
  | "INVALID_OUTPUT"
  /** The token limit cut the answer off before anything usable was complete. */
  | "OUTPUT_TRUNCATED"
  /** The answer, or a cell, would explode into more rows than allowed. */
  | "TOO_MANY_OUTPUTS"
  /** A cell cannot be read, or does not hold what exploding or unnesting it needs. */
  | "INVALID_CELL"
  /**
   * Code that should never throw threw on this row, the user's own or ours; or its output has no text in the
   * format that it is written in. The message says what was thrown.
   */
  | "STAGE_FAILED";

/** The stage a row failed in. */
export type FailureStage = "template" | "transport" | "parse" | "tidy" | "formats";

/** Why one row failed, as data that travels with the row. Never contains a secret. */
export interface Failure {
  readonly stage: FailureStage;
  readonly code: FailureCode;
  /** One line for a person: what failed and the current value, no whole prompts. */
  readonly message: string;
  /** Requests sent for this row. */
  readonly attempts: number;
  /** What this row cost although it failed. */
  readonly usage: Usage;
  /** The model's raw answer, where there was one that could not be used. */
  readonly answer?: string;
}
