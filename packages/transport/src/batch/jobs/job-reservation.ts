import type { StoredJob } from "@parallel-parrot/journal";
import type { Spending } from "../../budget/amounts.ts";
import { FREE_RESERVATION, type Budget, type Reservation } from "../../budget/budget.ts";

const NOTHING: Spending = { requests: 0, tokens: 0, cost: 0 };

/** Sets aside what a job may take. Where that does not fit beside what others have set aside, it waits for them. */
export async function reserveFor(
  budget: Budget | undefined,
  reserved: Spending | undefined,
  signal: AbortSignal,
): Promise<Reservation> {
  if (budget === undefined || reserved === undefined) return FREE_RESERVATION;
  return budget.reserve(reserved, { signal });
}

/** Sets aside what a job of an earlier process may still take, as far as the budget has room for it. */
export function reserveAgain(
  budget: Budget | undefined,
  { requests, answers, reserved, cost: spent }: StoredJob,
): Reservation {
  if (budget === undefined) return FREE_RESERVATION;
  const { tokens = 0, cost = 0 } = reserved ?? {};
  const rest = { requests: requests - answers, tokens, cost: Math.max(0, cost - spent) };
  try {
    return budget.tryReserve(rest) ?? budget.tryReserve(NOTHING) ?? FREE_RESERVATION;
  } catch {
    // The job was made when the budget had more room. What it takes is counted all the same.
    return budget.tryReserve(NOTHING) ?? FREE_RESERVATION;
  }
}
