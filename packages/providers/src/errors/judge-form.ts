import { AS_STREAM, IN_ONE_PIECE, isStreamed, nextAmendment } from "../amendments.ts";
import { readRetryAfterMs } from "../limits/retry-after.ts";
import type { Amendment } from "../provider.ts";
import type { ErrorContext, Judgement } from "./judgement.ts";
import type { ErrorBody } from "./error-body.ts";
import { isNamed, isRefusal } from "./refused-parameter.ts";

/** Words of models and gateways that answer only with a stream. */
const WANTS_STREAM =
  /\bstream["'`]? (?:\w+ ){0,3}must be (?:set to )?["'`]?true\b|\bonly supports? (?:the )?stream|\bmust (?:have|set|use|enable|be) ["'`]?stream|\bset ["'`]?stream["'`]? to true\b|\bstream(?:ing)? (?:mode )?is required\b|\bnon-?stream(?:ing|ed)?\b.{0,40}\b(?:not supported|unsupported|not allowed)|\benable the stream parameter\b|\bfor non-?stream|\brequires? (?:\w+ )?stream(?:ing)?\b/i;
/** Words of those that never do, or not with what else was asked for. */
const WANTS_NO_STREAM =
  /\bstream(?:ing|ed)?\b.{0,40}\bnot (?:be )?(?:supported|allowed|available|enabled)|\b(?:does|do|can) ?n['o]t (?:support |be used (?:with|in) |be combined with |use \w+ with |be )stream(?:ing|ed)?\b|\bstream["'`]? does not support true\b|\bnot (?:supported|allowed|available) (?:with|in|when|for|while) (?:\w+ )?stream/i;

/** Statuses of a gateway that waited for the answer as long as it waits for anything. */
const CUT_OFF: ReadonlySet<number> = new Set([504, 524]);

/**
 * The judgement on an error that is about the form of the answer: the server wants to stream, or wants not to, or a
 * gateway has cut a long answer off. The request is sent again for the same answer in another form.
 */
export function judgeForm(status: number, error: ErrorBody, context: ErrorContext): Judgement | undefined {
  const { amendments, canStream = false, response } = context;
  if (!canStream) return undefined;
  const amendment = isStreamed(amendments)
    ? lessOfStream(status, error, amendments)
    : whyStream(status, error) && !amendments.has(IN_ONE_PIECE)
      ? AS_STREAM
      : undefined;
  // What asks to wait is busy, and has cut nothing off.
  const isBusy = CUT_OFF.has(status) && readRetryAfterMs(response, error.message) !== undefined;
  if (amendment === undefined || isBusy) return undefined;
  const code = CUT_OFF.has(status) ? "SERVER_ERROR" : "BAD_REQUEST";
  return { verdict: "amend", code, amendment, keepsRequest: true };
}

function whyStream(status: number, { message }: ErrorBody): boolean {
  return CUT_OFF.has(status) || (isRefused(status) && WANTS_STREAM.test(message.slice(0, MAX_MESSAGE)));
}

function lessOfStream(
  status: number,
  { message, param }: ErrorBody,
  amendments: ReadonlySet<Amendment>,
): Amendment | undefined {
  if (!isRefused(status)) return undefined;
  const root = param.split(/[.[]/)[0] ?? "";
  const isUnwanted = isRefusal(message);
  if (root === "stream_options" || (isUnwanted && isNamed("stream_options", message)))
    return nextAmendment(amendments, "omit:stream_options", IN_ONE_PIECE);
  const isStream = root === "stream" || (isUnwanted && isNamed("stream", message));
  const words = message.slice(0, MAX_MESSAGE);
  const isSaid = WANTS_NO_STREAM.test(words) && !WANTS_STREAM.test(words);
  return isStream || isSaid ? IN_ONE_PIECE : undefined;
}

/** What a server says is in the beginning. A longer message mostly repeats the prompt. */
const MAX_MESSAGE = 500;

/** Servers say it with any status that is theirs: llama.cpp with 500, Mistral with 422. */
function isRefused(status: number): boolean {
  return (
    status === 400 || status === 405 || status === 415 || status === 422 || status === 500 || status === 501
  );
}
