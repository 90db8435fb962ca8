import type { ErrorCode, FailureCode } from "@parallel-parrot/core";
import type { CompletionOptions } from "../options.ts";

/**
 * What one code means, whatever the server. The provider's adapter gives each error a code, and a verdict that says
 * what to do now; `verdict.ts` answers questions about the two together.
 */
export interface ErrorPolicy {
  /**
   * `run`: no row will be answered. The run stops; a pool goes on without the member that said so.
   * `row`: this row fails, and the others go on.
   */
  readonly scope: "run" | "row";
  /** Whether another member of a pool may answer the row that this one cannot be asked. */
  readonly othersMayAnswer?: true;
  /**
   * Whether it may pass by itself. Then a row's request is sent again. Where the scope is the run, it stops all the
   * same, and a pool tries the member again every minute.
   */
  readonly isTransient?: true;
  /** Whether a server that is away causes it. Many of these at once are an outage, during which no row fails. */
  readonly suggestsOutage?: true;
  /**
   * Whether the server itself says that it will be back. Then it is an outage for certain, also before the first
   * answer.
   */
  readonly provesOutage?: true;
  /** Whether it may be the row's own, although it says nothing of the row: another row shows whether it is. */
  readonly mayBeRowsOwn?: true;
  /** Whether it may be everybody's, although it is told of one row: many in succession with the same words show it. */
  readonly mayBeEverybodys?: true;
  /** Whether the request is too long, or its answer: fewer rows in one request may be answered. */
  readonly comesOfLength?: true;
  /** Whether the key is refused or missing. Each member of a pool has a key of its own. */
  readonly concernsKey?: true;
  /** Whether the member may be at fault, and not the row, where another member has answered the same request. */
  readonly mayBeMembersFault?: true;
  /**
   * Whether the model is shown its answer and what is wrong with it, and asked again. After a refusal, or a cut at the
   * token limit, it would only say the same again.
   */
  readonly isCorrectable?: true;
  /** What the message of the stopped run begins with. */
  readonly headline?: string;
  /** The option that decides when the run stops with it. */
  readonly option?: keyof CompletionOptions;
  /** What it means when the first row of a run, which is asked alone, fails with it. */
  readonly firstRow?: FirstRowPolicy;
}

/** How a failure of the first row stops the run, as every row would fail the same way. */
export interface FirstRowPolicy {
  readonly stopsWith: ErrorCode;
  /** How many rows must fail, each asked alone. */
  readonly rows: number;
  /** What shows that it may be the row's own failure, so that the run goes on. */
  readonly excuses: readonly FirstRowExcuse[];
}

/**
 * What shows that a failure may be the first row's own:
 *
 * - `answersBefore`: the journal has answers to other rows.
 * - `refusedBefore`: the row failed in an earlier run, and is asked again for that reason.
 * - `rowTimeout`: each row has a time limit, so that a slow row is its own affair.
 */
export type FirstRowExcuse = "answersBefore" | "refusedBefore" | "rowTimeout";

/** The whole policy: a row for each code that a request can end with. Codes that are not here concern one row. */
export const ERROR_POLICY: Readonly<Partial<Record<ErrorCode | FailureCode, ErrorPolicy>>> = {
  AUTHENTICATION: run("The server refused the API key", { mayBeRowsOwn: true, concernsKey: true }),
  PERMISSION: run("The API key may not do this", { mayBeRowsOwn: true, concernsKey: true }),
  MISSING_KEY: { scope: "run", concernsKey: true },
  MODEL_NOT_FOUND: run("The server does not know the model", { mayBeRowsOwn: true }),
  NOT_THE_API: run("The base URL does not lead to the API", { mayBeRowsOwn: true }),
  REDIRECTED: run("The base URL leads elsewhere"),
  UNREACHABLE: run("The server cannot be reached"),
  NO_CREDIT: run("The account has no credit left", { isTransient: true }),
  WAIT_TOO_LONG: run("The rate limit asks for a longer wait than maxWaitMs allows", {
    isTransient: true,
    option: "maxWaitMs",
  }),
  SAME_REFUSAL: run("The server refuses row after row with the same words", {
    option: "maxSameRefusals",
  }),
  SETUP_FAILED: { scope: "run" },
  BUDGET_EXHAUSTED: { scope: "run", othersMayAnswer: true },

  RATE_LIMITED: { scope: "row", isTransient: true },
  NETWORK: trouble("UNREACHABLE", []),
  TIMEOUT: trouble("SETUP_FAILED", ["answersBefore", "rowTimeout"]),
  SERVER_ERROR: trouble("SETUP_FAILED", ["answersBefore"]),
  MODEL_LOADING: { scope: "row", isTransient: true, suggestsOutage: true, provesOutage: true },
  BAD_RESPONSE: trouble("NOT_THE_API", ["answersBefore"]),

  BAD_REQUEST: {
    scope: "row",
    othersMayAnswer: true,
    mayBeMembersFault: true,
    mayBeEverybodys: true,
    // It may be this one row's fault, so a few more are tried, one at a time.
    firstRow: { stopsWith: "SETUP_FAILED", rows: 3, excuses: ["refusedBefore"] },
  },
  INVALID_PARAMETER: { scope: "row" },
  BLOCKED: { scope: "row", othersMayAnswer: true },
  CONTEXT_TOO_LONG: { scope: "row", othersMayAnswer: true, comesOfLength: true },
  REQUEST_TOO_LARGE: { scope: "row", othersMayAnswer: true, comesOfLength: true },
  CONTENT_FILTERED: { scope: "row" },
  REFUSED: { scope: "row" },
  OUTPUT_TRUNCATED: { scope: "row", comesOfLength: true },
  RESPONSE_TOO_LARGE: { scope: "row", comesOfLength: true },
  INVALID_OUTPUT: { scope: "row", isTransient: true, isCorrectable: true },
  EMPTY_ANSWER: { scope: "row", isCorrectable: true },
  NOT_ASKED: { scope: "row" },
  STAGE_FAILED: { scope: "row" },
};

/**
 * Statuses of a server in front that gave up on the one behind it, which may have answered: the budget counts the
 * most that the request may have cost.
 */
export const ANSWER_LOST_STATUSES: ReadonlySet<number> = new Set([408, 499, 502, 504, 520, 522, 524]);

const ROW: ErrorPolicy = { scope: "row" };
const POLICIES: ReadonlyMap<string, ErrorPolicy> = new Map(Object.entries(ERROR_POLICY));

/** What a code means; codes of a user's own provider may be any text. */
export function policyOf(code: string): ErrorPolicy {
  return POLICIES.get(code) ?? ROW;
}

/** A cause that no row survives. */
function run(headline: string, more: Partial<ErrorPolicy> = {}): ErrorPolicy {
  return { scope: "run", headline, ...more };
}

/** What a server in trouble causes. When the first row fails so, the server may never have been there. */
function trouble(stopsWith: ErrorCode, excuses: readonly FirstRowExcuse[]): ErrorPolicy {
  const firstRow: FirstRowPolicy = { stopsWith, rows: 1, excuses };
  return { scope: "row", isTransient: true, suggestsOutage: true, firstRow };
}
