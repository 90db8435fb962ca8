import { NO_MARKS } from "../amendments.ts";
import type { ErrorBody } from "./error-body.ts";
import type { ErrorContext, Judgement } from "./judgement.ts";
import { isNamedOrField, isRefusal } from "./refused-parameter.ts";

/** What a request marks for a prompt cache, by the names that APIs have for it. */
const MARKS = [
  "cache_control",
  "cachePoint",
  "prompt_cache_breakpoint",
  "prompt_cache_options",
  "prompt_cache_key",
];
const WORDS = /\bnot allow prompt caching\b/i;

/**
 * The judgement on an error that is about the marks for the prompt cache: the model or the server does not know them.
 * The same request is sent again without them.
 */
export function judgeMarks(
  status: number,
  { message, param }: ErrorBody,
  { amendments }: Pick<ErrorContext, "amendments">,
): Judgement | undefined {
  const isRefused = status === 400 || status === 403 || status === 422;
  if (!isRefused || amendments.has(NO_MARKS)) return undefined;
  const field = param.split(/[.[]/).at(-1) ?? "";
  const isAboutMarks =
    MARKS.includes(field) ||
    WORDS.test(message) ||
    (isRefusal(message) && MARKS.some((name) => isNamedOrField(name, message)));
  if (!isAboutMarks) return undefined;
  return { verdict: "amend", code: "BAD_REQUEST", amendment: NO_MARKS, keepsRequest: true };
}
