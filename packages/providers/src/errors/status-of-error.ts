import { CONTENT_WORDS, TOO_LONG } from "./prompt-words.ts";
import type { ErrorBody } from "./error-body.ts";
import { saysNoCredit } from "./no-credit.ts";

/** The statuses that codes and types of vendors stand for. */
const STATUS_OF_CODE: ReadonlyMap<string, number> = new Map([
  ["api_error", 500],
  ["server_error", 500],
  ["vector_store_timeout", 500],
  ["timeout_error", 504],
  ["request_too_large", 413],
]);

/** The status that words in a code or a type stand for. */
const STATUS_OF_WORD: readonly (readonly [words: RegExp, status: number])[] = [
  [/invalid.?argument|invalid.?request|invalid.?param|bad.?request|validation/i, 400],
  [/unauthenticated|unauthori[sz]ed|credentials|authentication|invalid.?(?:api.?)?key/i, 401],
  [/permission|forbidden|access.?denied/i, 403],
  [/not.?found/i, 404],
  [/exhausted|rate.?limit|too.?many.?requests|throttl/i, 429],
  [/unavailable|capacity|overloaded|\bbusy\b/i, 503],
  [/internal/i, 500],
];

/** The status that a message stands for. A message has many words, so that these have to be whole phrases. */
const STATUS_OF_PHRASE: readonly (readonly [words: RegExp, status: number])[] = [
  [TOO_LONG, 400],
  [CONTENT_WORDS, 400],
  [
    /\b(?:invalid|incorrect|wrong|missing|expired) (?:\w+ )?(?:api[ -]?key|access token|token)\b|\bapi[ -]?key (?:is )?(?:invalid|not valid|expired|missing)\b|\blogin fail|\bunauthori[sz]ed\b|\bnot authori[sz]ed\b|\bauthentication fail|\btoken not match group\b/i,
    401,
  ],
  [/\bmodel\b.{0,100}\b(?:not found|(?:does not|doesn't|not) exist)\b|\b(?:unknown|invalid) model\b/i, 404],
  [/\brate.?limit|\btoo many requests\b|\b(?:requests?|tokens?) per (?:second|minute)\b|\bqps\b/i, 429],
  [/\boverload|\b(?:temporarily|currently) unavailable\b|\bserver (?:is )?busy\b|\bat capacity\b/i, 503],
];

/**
 * The status of an error that comes with status 200: the one that it tells, or the one that its words stand for;
 * `undefined` if nobody knows.
 */
export function statusOfError(error: ErrorBody): number | undefined {
  if (saysNoCredit(error)) return 402;
  const { status, code, type, message } = error;
  return (
    status ??
    STATUS_OF_CODE.get(code) ??
    STATUS_OF_CODE.get(type) ??
    find(STATUS_OF_WORD, code) ??
    find(STATUS_OF_WORD, type) ??
    find(STATUS_OF_PHRASE, message.slice(0, MAX_MESSAGE))
  );
}

/** What a server says is in the beginning. A longer message mostly repeats the prompt. */
const MAX_MESSAGE = 2000;

function find(table: typeof STATUS_OF_WORD, text: string): number | undefined {
  return text === "" ? undefined : table.find(([words]) => words.test(text))?.[1];
}
