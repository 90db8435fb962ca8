import type { FailureCode } from "@parallel-parrot/core";

const CHANGES = ["model", "more tokens", "fewer tokens", "sampling", "reasoning", "context"] as const;

/** A way in which the requests of a retry differ from those before. */
export type Change = (typeof CHANGES)[number];

export function isChange(value: unknown): value is Change {
  return CHANGES.some((change) => change === value);
}

/** What to do about rows that failed with one code. */
export interface FailureAdvice {
  /** What happened, in words that follow a code. */
  readonly what: string;
  /** `true` where the same request may well succeed the next time; otherwise the changes that may help. */
  readonly again: true | readonly Change[];
  /** What helps. The word `retry-failed` in it is replaced by the command with its options. */
  readonly advice: string;
}

const ASK_AGAIN = "retry-failed";
const OTHER_MODEL = "retry-failed --model PROVIDER/MODEL";

/** The advice for every code with which a row can fail. */
export const FAILURE_ADVICE: Readonly<Record<FailureCode, FailureAdvice>> = {
  MISSING_VALUE: {
    what: "a value that the prompt needs is missing",
    again: [],
    advice: "fill the cell, or give it a default as in ${column:-none}, and type the command again",
  },
  TEMPLATE_FAILED: {
    what: "no prompt could be made of the row",
    again: [],
    advice: "correct the row, and type the command again",
  },
  INVALID_PARAMETER: {
    what: "the model or a parameter that the row gives itself cannot be used",
    again: ["model", "fewer tokens", "more tokens", "sampling"],
    advice: "correct the cell, or give it a default as in ${column:-0.7}, and type the command again",
  },
  INVALID_IMAGE: {
    what: "its image cannot be used",
    again: [],
    advice: "correct the image or its cell, and type the command again",
  },
  BAD_REQUEST: {
    what: "the server refused the request",
    again: true,
    advice: "retry-failed, as some servers refuse for passing reasons; otherwise another model",
  },
  BLOCKED: {
    what: "the server refuses this row as it refuses a key or a model, and answers others: a firewall or a gateway may object to its words",
    again: ["model"],
    advice: `${OTHER_MODEL}, or another prompt; else ask whoever runs the gateway, then retry-failed --all`,
  },
  CONTEXT_TOO_LONG: {
    what: "prompt and answer do not fit the model",
    again: ["model", "fewer tokens", "context"],
    advice: `retry-failed --on-context truncate cuts the longest text; where that does not help, ${OTHER_MODEL} with a larger window`,
  },
  REQUEST_TOO_LARGE: {
    what: "the request alone is above the rate limit, or above what the API takes",
    again: ["model", "fewer tokens"],
    advice: `${OTHER_MODEL} with a larger limit, or a shorter prompt`,
  },
  CONTENT_FILTERED: {
    what: "a content filter refused it, and would do so again",
    again: ["model"],
    advice: `${OTHER_MODEL}, or another prompt`,
  },
  REFUSED: {
    what: "the model declined to answer, and would do so again",
    again: ["model"],
    advice: `${OTHER_MODEL}, or another prompt`,
  },
  RESPONSE_TOO_LARGE: {
    what: "the response was too large to be read",
    again: true,
    advice: "retry-failed --max-tokens N",
  },
  SERVER_ERROR: { what: "the server failed every time", again: true, advice: ASK_AGAIN },
  MODEL_LOADING: { what: "the server was still loading the model", again: true, advice: ASK_AGAIN },
  BAD_RESPONSE: { what: "no complete answer came", again: true, advice: ASK_AGAIN },
  NETWORK: { what: "the connection failed every time", again: true, advice: ASK_AGAIN },
  TIMEOUT: {
    what: "no answer came in time",
    again: true,
    advice: "retry-failed, with a larger --timeout or --row-timeout where answers take long",
  },
  RATE_LIMITED: {
    what: "the server's rate limit refused it until its attempts were used up",
    again: true,
    advice: ASK_AGAIN,
  },
  NOT_ASKED: {
    what: "the journal has no answer to it",
    again: true,
    advice: "type the command without --reparse",
  },
  EMPTY_ANSWER: {
    what: "the answer was empty",
    again: true,
    advice: "retry-failed; where the model only thinks, with --max-tokens or --reasoning-effort",
  },
  INVALID_OUTPUT: {
    what: "the answer does not have the wanted form, even when asked again",
    again: true,
    advice: `retry-failed, or ${OTHER_MODEL}`,
  },
  OUTPUT_TRUNCATED: {
    what: "the token limit cut the answer off, and would do so again",
    again: ["more tokens", "model", "reasoning"],
    advice: "retry-failed --max-tokens N with a larger number",
  },
  TOO_MANY_OUTPUTS: {
    what: "it would become more rows than allowed",
    again: true,
    advice: "retry-failed, or a prompt that asks for fewer",
  },
  STAGE_FAILED: {
    what: "an error in code that must never throw",
    again: true,
    advice: "retry-failed; if it fails again, this is an error in parrot itself",
  },
  INVALID_CELL: {
    what: "a cell cannot be read, is nested deeper than 1000 levels, or does not hold what is expected of it",
    again: [],
    advice: "correct the cell, and type the command again",
  },
};

/** Whether a row that failed with this code is worth asking again, given these changes. */
export function isWorthAsking(code: FailureCode, changes: ReadonlySet<Change>): boolean {
  const { again } = FAILURE_ADVICE[code];
  return again === true || again.some((change) => changes.has(change));
}
