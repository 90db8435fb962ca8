import { foldWord } from "../response/finish-reason.ts";
import type { ErrorBody } from "./error-body.ts";

/** Codes and types of errors that waiting does not help against, in lower case with `_`. */
const CODES: ReadonlySet<string> = new Set([
  // OpenAI: help articles 5955604 and 6614457.
  "credit_balance_exhausted",
  "organization_spend_limit_exceeded",
  "project_spend_limit_exceeded",
  "organization_usage_limit_exceeded",
  "billing_hard_limit_reached",
  "billing_not_active",
  // Anthropic: error codes of its SDK 1.14.0.
  "billing_error",
  "enforced_spend_limit_reached",
  "contract_spend_limit_reached",
  // Groq, Moonshot, Alibaba, Volcengine, and the gateways LiteLLM, One API and New API.
  "blocked_api_access",
  "exceeded_current_quota_error",
  "arrearage",
  "account_overdue_error",
  "budget_exceeded",
  "pre_consume_token_quota_failed",
]);

/** `insufficient_quota`, `INSUFFICIENT_BALANCE`, `insufficient_user_quota`, `InsufficientCredits`, … */
const INSUFFICIENT = /^insufficient_(?:\w+_)?(?:quota|balance|credits?|funds)(?:_error)?$/;

/** What servers say of an account without money. A quota alone is none of these: many throttle by one. */
const SENTENCES: readonly RegExp[] = [
  /\binsufficient (?:\w+ ){0,2}(?:balance|credits?|funds)\b/i,
  /\b(?:balance|credits?|funds)(?: is| are| has been| have been)? (?:insufficient|exhausted|depleted|too low|not enough|used up)\b/i,
  /\b(?:out of|not enough|used all (?:available|your)|requires more) credits\b|\bno (?:more )?credits? (?:left|available|remain)/i,
  /\bprepa(?:id|y\w*) credits?\b.{0,40}\b(?:depleted|exhausted|used up)\b/i,
  /\bspend(?:ing)? (?:limit|cap)\b.{0,60}\b(?:reached|exceeded|hit)\b/i,
  /\b(?:reached|exceeded|hit)\b.{0,60}\bspend(?:ing)? (?:limit|cap)\b/i,
  /\bspecified (?:workspace )?api usage limits\b/i,
  /(?<!\b(?:thinking|reasoning|token|context|time|retry)[ _-])\bbudget (?:has been |is |was )?exceeded\b/i,
  /\bexceededbudget\b|\b(?:over|exceeded|crossed) (?:your |the |its )?budget\b/i,
  /\bkey limit exceeded(?: \(|\. manage it\b)/i,
  /\bquota is not enough\b|\bfree tier of the model has been exhausted\b/i,
  /\b(?:in arrears|overdue balance|payment required)\b|\bplease (?:recharge|top[ -]?up)\b/i,
  /\bbilling (?:hard )?limit (?:has been )?reached\b|\bbilling (?:is )?not active\b/i,
  /\bbilling account\b.{0,60}\b(?:closed|disabled)\b/i,
  /余额不足|额度不足|预扣费额度失败|欠费/,
];

/** Says that waiting a little helps, whatever the limit is called: OpenRouter reserves credit for what is in flight. */
const PASSES =
  /\bin[_ -]flight|\bper (?:second|minute|hour)\b|\/ ?min|\b[rt]pm\b|\bqps\b|\b(?:try again|retry) (?:in|after) \d/i;

/** Words in quotes may be those of the prompt. An apostrophe within a word is not a quote. */
const QUOTED = /(?<!\w)(["'`“]).{0,1000}?["'`”](?!\w)/gs;
const MARKUP = /<\/?[a-z]+[\s>]/i;
const MAX_MESSAGE = 1000;

/** Whether an error says that the account has no credit, in any words and with any status. */
export function saysNoCredit(error: Pick<ErrorBody, "code" | "type" | "message" | "param">): boolean {
  return [error.code, error.type].some(isCode) || isSentence(error);
}

function isCode(word: string): boolean {
  const code = foldWord(word.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_"));
  return CODES.has(code) || INSUFFICIENT.test(code);
}

function isSentence({ message, param }: Pick<ErrorBody, "message" | "param">): boolean {
  // An error about a parameter is none about the account, and a web page is for people.
  const said = message.slice(0, MAX_MESSAGE);
  if (param !== "" || MARKUP.test(said)) return false;
  const words = said.replaceAll(QUOTED, "");
  return !PASSES.test(words) && SENTENCES.some((sentence) => sentence.test(words));
}
