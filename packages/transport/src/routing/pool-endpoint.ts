import { NO_USAGE } from "@parallel-parrot/core";
import type { Call } from "@parallel-parrot/providers";
import type { Answers } from "../request/response-cache.ts";
import type { Outcome } from "../errors/outcome.ts";
import type { Endpoint, Gate } from "../request/endpoint.ts";
import type { MemberHealth } from "./endpoint-health.ts";
import type { MemberProgress } from "../progress.ts";
import type { MemberReason } from "./member-state.ts";
import { isStop, isThrottled } from "../errors/verdict.ts";

/** One provider of a pool: what sends its requests, what they have shown, and where its answers are. */
export class Member {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly health: MemberHealth;
  answers: Answers | undefined;
  /** The shortest request that was answered: the one to tell an outage by. */
  check: { readonly call: Call; readonly length: number } | undefined;

  constructor(name: string, endpoint: Endpoint, health: MemberHealth) {
    this.name = name;
    this.endpoint = endpoint;
    this.health = health;
  }

  /** Part of its limits that is free: 0 to 1. */
  get room(): number {
    const { limits, inFlight, concurrency } = this.endpoint.limiter;
    return Math.min(1 - inFlight / concurrency, ...limits.map(({ use }) => 1 - use));
  }

  /** Whether both are the same server and model, which say the same to the same prompt. */
  isLike({ endpoint: { provider } }: Member): boolean {
    const { name, model, baseUrl } = this.endpoint.provider;
    return name === provider.name && model === provider.model && baseUrl === provider.baseUrl;
  }

  /** @param isTry whether the request is to show if the member answers */
  gate(call: Call, isTry: boolean): Gate {
    const { health } = this;
    health.isTried ||= isTry;
    let wasSent = false;
    let wasAnswered = false;
    return {
      // Its turn has just come: nothing has been waited for since.
      admits: () => (wasSent = true),
      stopped: ({ rejection }) => health.refused(rejection, isTry),
      answered: (length) => {
        wasAnswered = true;
        health.evidence.answeredOne();
        this.#noteAnswer(call, length);
      },
      ended: (outcome, failure) => {
        if (outcome === "alive") health.alive();
        if (isTry) this.#tried(outcome, failure, { wasSent, wasAnswered });
        else if (outcome === "failed" || outcome === "unreached")
          health.failed(outcome, this.#reasonOf(outcome, failure));
      },
    };
  }

  /** It has answered in an earlier run what has this length. */
  wasFound(call: Call, length: number): void {
    this.health.cameBefore = true;
    this.#noteAnswer(call, length);
  }

  progress(): MemberProgress {
    const { provider, limiter, spendTracker, amendments } = this.endpoint;
    const { state, reason, evidence } = this.health;
    return {
      name: this.name,
      model: provider.model,
      baseUrl: provider.baseUrl,
      state,
      reason: reason?.message,
      answered: evidence.answered,
      inFlight: limiter.inFlight,
      usage: spendTracker.usage ?? NO_USAGE,
      cost: spendTracker.cost,
      limits: limiter.limits,
      amendments: [...amendments],
    };
  }

  #noteAnswer(call: Call, length: number): void {
    if (length < (this.check?.length ?? Infinity)) this.check = { call, length };
  }

  #tried(
    outcome: Outcome,
    failure: unknown,
    { wasSent, wasAnswered }: { readonly wasSent: boolean; readonly wasAnswered: boolean },
  ): void {
    const { health } = this;
    health.isTried = false;
    if (isStop(failure)) return;
    if (wasAnswered || isThrottled(failure)) health.answersAgain();
    // One that a row's time limit has cut short has not answered either.
    else if (wasSent && outcome !== "alive") health.tryFailed(this.#reasonOf(outcome, failure));
    else health.tryShowedNothing();
  }

  #reasonOf(outcome: Outcome, failure: unknown): MemberReason {
    const message = failure instanceof Error ? failure.message : String(failure);
    if (outcome === "unreached") return { code: "UNREACHABLE", message };
    return { code: this.health.hasCome ? "OUTAGE" : "SETUP_FAILED", message };
  }
}
