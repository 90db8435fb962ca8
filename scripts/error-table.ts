/** Writes the table of errors into transport's README, from the error policy; with `--check` it only tells whether it is up to date. */
import { openai, type Rejection } from "../packages/providers/src/index.ts";
import { ERROR_POLICY, type ErrorPolicy } from "../packages/transport/src/errors/error-policy.ts";
import { code, keepTable } from "./generated-table.ts";

type Code = keyof typeof ERROR_POLICY;

/** What causes each, beside the statuses that say so. */
const CAUSES: Readonly<Partial<Record<Code, string>>> = {
  AUTHENTICATION: "wrong key",
  PERMISSION: "the key may not do this",
  MISSING_KEY: "no key",
  MODEL_NOT_FOUND: "unknown model, such as a 404 that names it",
  NOT_THE_API: "wrong base URL",
  REDIRECTED: "redirect (3xx) to another origin, or to a page",
  UNREACHABLE: "TLS fault, or a proxy that refuses",
  NO_CREDIT: "no credit left, in any words and with any status",
  SAME_REFUSAL: "`maxSameRefusals` rows in succession are refused with the same words",
  INVALID_PARAMETER: "the row's own model or parameter cannot be used; nothing is sent",
  BLOCKED: "refused as a key or a model is, while others are answered",
  WAIT_TOO_LONG: "a wait longer than `maxWaitMs`",
  SETUP_FAILED: "a header or path that HTTP does not allow",
  BUDGET_EXHAUSTED: "the budget is used up",
  RATE_LIMITED: "throttling, overload",
  NETWORK: "no connection, reset",
  TIMEOUT: "no answer in time",
  SERVER_ERROR: "a stream that breaks off, fault of the server",
  MODEL_LOADING: "the server says that it is loading its model",
  BAD_RESPONSE: "broken response, or JSON that is neither an answer nor a known error",
  BAD_REQUEST: "malformed, or a parameter is not supported",
  CONTEXT_TOO_LONG: "prompt too long for the model",
  REQUEST_TOO_LARGE: "larger than a whole limit, or than the API accepts",
  CONTENT_FILTERED: "content filter",
  RESPONSE_TOO_LARGE: "more than `maxResponseBytes`",
  INVALID_OUTPUT: "the answer is not what was asked for",
  EMPTY_ANSWER: "the answer is empty",
  REFUSED: "the model declines",
  OUTPUT_TRUNCATED: "the answer is cut at the token limit",
  NOT_ASKED: 'not in the journal, with `reuse: "only"`',
  STAGE_FAILED: "an error in parrot's code, or in a provider, output or limiter of your own",
};

/** How the adapter of OpenAI reads the statuses of errors that say nothing more. */
function rejections(): ReadonlyMap<string, { readonly verdict: Rejection["verdict"]; statuses: number[] }> {
  const byCode = new Map<string, { readonly verdict: Rejection["verdict"]; statuses: number[] }>();
  const provider = openai({ model: "any", apiKey: "none" });
  for (let status = 400; status < 600; status++) {
    const answer = provider.readResponse({ status, headers: {}, body: "{}" }, new Set());
    if (answer.ok) continue;
    const { code: one, verdict } = answer.rejection;
    const known = byCode.get(one) ?? { verdict, statuses: [] };
    known.statuses.push(status);
    byCode.set(one, known);
  }
  return byCode;
}

/** `400, 422` and so on; of a hundred, what is told apart from it first. */
function describeStatuses(statuses: readonly number[]): string {
  const few = statuses.filter((status) => status < 500);
  const isAllOf5 = statuses.length - few.length > 50;
  const isAllOf4 = few.length > 50;
  const named = isAllOf4 ? ["400", "422", "other 4xx"] : few.map(String);
  const server = isAllOf5 ? ["other 5xx"] : statuses.filter((status) => status >= 500).map(String);
  return [...named, ...server].join(", ");
}

const byCode = rejections();

const COLUMNS: Readonly<Record<string, (name: Code, policy: ErrorPolicy) => string>> = {
  code: (name) => code(name),
  "what causes it (HTTP status)": (name) => {
    const { statuses = [] } = byCode.get(name) ?? {};
    return `${CAUSES[name] ?? ""}${statuses.length > 0 ? ` (${describeStatuses(statuses)})` : ""}`;
  },
  ends: (_, { scope }) => `the ${scope}`,
  "asked again": (name, { scope, isTransient, mayBeRowsOwn, isCorrectable, provesOutage }) => {
    if (provesOutage === true) return "for `maxOutageMs`";
    if (byCode.get(name)?.verdict === "wait") return "as long as it takes";
    if (isCorrectable === true) return "with the error, `maxReasks` times";
    if (mayBeRowsOwn === true) return "once, when another row is answered";
    if (name === "BAD_REQUEST") return "without the parameter";
    return scope === "row" && isTransient === true ? "`maxAttempts` times" : "";
  },
  "in a pool": (_, { scope, isTransient, isCorrectable, othersMayAnswer }) => {
    if (isCorrectable === true) return "";
    if (othersMayAnswer === true || (scope === "row" && isTransient === true))
      return "another member is asked";
    if (scope === "row") return "";
    return isTransient === true ? "the member is tried every minute" : "the member is gone";
  },
  "counts as outage": (_, { suggestsOutage }) => (suggestsOutage === true ? "yes" : ""),
  "on the first row": (_, { firstRow }) =>
    firstRow === undefined
      ? ""
      : `${firstRow.rows > 1 ? `after ${firstRow.rows} rows ` : ""}${code(firstRow.stopsWith)}`,
};

const policies = Object.entries(ERROR_POLICY) as [Code, ErrorPolicy][];
keepTable({
  name: "errors",
  documents: ["packages/transport/README.md"],
  rows: [
    Object.keys(COLUMNS),
    ...policies.map(([name, policy]) => Object.values(COLUMNS).map((cell) => cell(name, policy))),
  ],
  command: "node scripts/error-table.ts",
});
