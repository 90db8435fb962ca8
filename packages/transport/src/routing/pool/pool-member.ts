import { isAlive, type Outcome } from "../../errors/outcome.ts";
import type { RejectionError } from "../../errors/rejection-error.ts";
import { sameRefusal } from "../../errors/same-refusal.ts";
import { isStop, isThrottled } from "../../errors/verdict.ts";
import { Endpoint, type EndpointOptions } from "../../request/endpoint.ts";
import type { Admission, Lease } from "../../request/lease.ts";
import type { RowContext } from "../../request/row-context.ts";
import type { MemberProgress } from "../../progress.ts";
import type { MemberHealth, MemberReason } from "./member-health.ts";

/** Options of a {@linkcode PoolMember}. */
export interface PoolMemberOptions extends EndpointOptions {
  readonly name: string;
  readonly health: MemberHealth;
}

/** One member of a pool: an endpoint with a name and a state of health. */
export class PoolMember extends Endpoint {
  readonly name: string;
  readonly health: MemberHealth;
  #firstRefused: RowContext | undefined;

  constructor({ name, health, ...options }: PoolMemberOptions) {
    super(options);
    this.name = name;
    this.health = health;
  }

  /** The part of its limits that is free, from 0 to 1. */
  get room(): number {
    const { limits, inFlight, concurrency } = this.limiter;
    let room = 1 - inFlight / concurrency;
    for (const { use } of limits) room = Math.min(room, 1 - use);
    return room;
  }

  /** Whether both are the same model of the same server, which says the same to the same prompt. */
  isLike({ provider }: PoolMember): boolean {
    const { name, model, baseUrl } = this.provider;
    return name === provider.name && model === provider.model && baseUrl === provider.baseUrl;
  }

  /** Makes a request its trial. */
  beginTrial(lease: Lease<PoolMember>, kind: Exclude<Admission["kind"], "row">): void {
    lease.admission = { kind, period: 0 };
    this.health.isOnTrial = true;
  }

  /** A request to it brought a cause that no row survives. */
  stopped({ admission }: Lease<PoolMember>, { rejection }: RejectionError): void {
    this.health.refused(rejection, admission !== undefined);
  }

  /** Whether no row but this one was refused while it had answered nothing. */
  isFirstRefused(row: RowContext): boolean {
    this.#firstRefused ??= row;
    return this.#firstRefused === row;
  }

  /** It refuses row after row with the same words, as all others do: a check shows whether it refuses everybody. */
  doubtSameRefusals(error: RejectionError): void {
    if (this.health.state === "gone") return;
    const { rejection } = sameRefusal(error, this.sameRefusals.count);
    if (this.shortest === undefined) this.health.leave(rejection);
    else this.health.doubtRefusal(rejection);
  }

  /** A request to it is over. */
  ended(lease: Lease<PoolMember>, outcome: Outcome, failure: unknown): void {
    const { health } = this;
    if (isAlive(outcome)) health.alive();
    if (outcome !== "nothing") health.isLoading = outcome === "away";
    if (lease.admission !== undefined) this.#trialEnded(lease, outcome, failure);
    else if (outcome === "away") health.doubt(this.#reasonOf(outcome, failure));
    else if (outcome === "failed" || outcome === "unreached")
      health.failed(outcome, this.#reasonOf(outcome, failure));
  }

  progress(): MemberProgress {
    const { provider, limiter, spendTracker, amendments } = this;
    const { state, reason, evidence } = this.health;
    return {
      name: this.name,
      model: provider.model,
      baseUrl: provider.baseUrl,
      state,
      reason: reason?.message,
      answered: evidence.answered,
      inFlight: limiter.inFlight,
      usage: spendTracker.usage,
      cost: spendTracker.cost,
      limits: limiter.limits,
      amendments: [...amendments],
    };
  }

  #trialEnded({ wasSent, wasAnswered }: Lease<PoolMember>, outcome: Outcome, failure: unknown): void {
    const { health } = this;
    health.isOnTrial = false;
    if (isStop(failure)) {
      if (health.state === "new") health.trialShowedNothing();
      return;
    }
    if (wasAnswered || isThrottled(failure)) health.trialSucceeded();
    // A trial that was cut short by the deadline of its row has not been answered either.
    else if (wasSent && !isAlive(outcome)) health.trialFailed(this.#reasonOf(outcome, failure));
    else health.trialShowedNothing();
  }

  #reasonOf(outcome: Outcome, failure: unknown): MemberReason {
    const message = failure instanceof Error ? failure.message : String(failure);
    if (outcome === "unreached") return { code: "UNREACHABLE", message };
    return { code: this.health.hasAnswered ? "OUTAGE" : "SETUP_FAILED", message };
  }
}

/** Whether all members that are left refuse row after row with the same words. Otherwise another one answers. */
export function refuseRowAfterRow(members: readonly PoolMember[]): boolean {
  return members.every(({ health, sameRefusals }) => health.state === "gone" || sameRefusals.areTooMany);
}
