import type { Charge } from "@parallel-parrot/limiter";
import type { Call, Estimate } from "@parallel-parrot/providers";
import type { Spending } from "../budget/amounts.ts";
import type { Planned } from "../request/endpoint.ts";
import type { Member } from "./pool-endpoint.ts";

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
  const { endpoint } = member;
  const planned = endpoint.plan(call);
  const estimate = endpoint.estimate(planned);
  return {
    member,
    planned,
    estimate,
    charge: endpoint.provider.chargeUpFront(estimate),
    worst: endpoint.spendTracker.worstOf({ ...planned, estimate }),
    lacksBudget: false,
  };
}
