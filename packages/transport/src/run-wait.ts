import type { Wait } from "@parallel-parrot/limiter";

/** What a run waits for. */
export type RunWait = LimitWait | OutageWait | CheckWait | AnswerWait | BudgetWait;

/** Requests wait for their turn at a rate limit. */
export interface LimitWait extends Wait {
  readonly kind: "limit";
  /** The member of a pool whose limit it is; `undefined` where there is one provider. */
  readonly member: string | undefined;
}

/** The server is away, or not ready yet: one request every few seconds asks whether it is there. */
export interface OutageWait {
  readonly kind: "outage";
  /** Milliseconds from now until the run stops, unless it is back before. */
  readonly ms: number;
  /** Whether the server says that it is loading its model. */
  readonly isLoading: boolean;
  /** The last failure. */
  readonly message: string | undefined;
}

/** The server refused a row as it may refuse everybody: a row that was answered before is asked again, to tell. */
export interface CheckWait {
  readonly kind: "check";
  /** Milliseconds since everything else is held back. */
  readonly sinceMs: number;
  /** Milliseconds from now until the run stops, unless there is an answer before. */
  readonly ms: number;
}

/** A request was sent long ago, and is not answered: it takes much longer than others did. */
export interface AnswerWait {
  readonly kind: "answer";
  /** Milliseconds since it was sent. */
  readonly sinceMs: number;
  /** Milliseconds from now until it is given up, unless it is answered before. */
  readonly ms: number;
  /** How long the slowest answer took so far; 0 before the first. */
  readonly slowestMs: number;
}

/**
 * Requests wait for room in the budget: those in flight have set aside the most that they can take, and with the next
 * that would be more than is left. When it ends depends on what they really take.
 */
export interface BudgetWait {
  readonly kind: "budget";
  /** The limit that has no room. */
  readonly option: "budget.maxRequests" | "budget.maxTokens" | "budget.maxCost";
  /** The most that the next request may take of it: US dollars, tokens or requests. */
  readonly next: number;
  /** How many requests have something set aside. */
  readonly holders: number;
  /** Milliseconds since there was no request last that had to wait. */
  readonly sinceMs: number;
}

/** What is told first: an outage, then the longest wait, and then those whose end nobody knows. */
export function inOrder(waits: readonly RunWait[]): readonly RunWait[] {
  return waits.toSorted(
    (one, other) =>
      Number(other.kind === "outage") - Number(one.kind === "outage") || msOf(other) - msOf(one),
  );
}

function msOf(wait: RunWait): number {
  return wait.kind === "budget" ? -1 : wait.ms;
}
