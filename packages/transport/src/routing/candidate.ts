import type { Charge } from "@parallel-parrot/limiter";
import type { Call, Estimate } from "@parallel-parrot/providers";
import type { Spending } from "../budget/budget.ts";
import type { Planned } from "../request/endpoint.ts";
import type { Member } from "./member.ts";

/** A member that could take a request, and what it would take there. */
export interface Candidate {
  readonly member: Member;
  readonly planned: Planned;
  readonly estimate: Estimate;
  readonly charge: Charge;
  /** `undefined` where there is no budget. */
  readonly worst: Spending | undefined;
  /** The rate limit would let it go. */
  lacksBudget: boolean;
}

/** Throws where this member cannot be asked this. */
export function createCandidate(member: Member, call: Call): Candidate {
  const { exchange } = member;
  const planned = exchange.plan(call);
  const estimate = exchange.estimate(planned);
  return {
    member,
    planned,
    estimate,
    charge: exchange.provider.chargeUpFront(estimate),
    worst: exchange.account.worstOf({ ...planned, estimate }),
    lacksBudget: false,
  };
}
