import { NO_USAGE, type ErrorCode, type Usage } from "@parallel-parrot/core";
import type { LimitState } from "@parallel-parrot/limiter";
import type { Call, Rejection } from "@parallel-parrot/providers";
import type { Answers } from "./answers.ts";
import type { Sign } from "./breaker.ts";
import type { Exchange, Gate } from "./exchange.ts";
import type { RejectionError } from "./rejection-error.ts";

/** How one member of a pool is doing; a snapshot. */
export interface MemberProgress {
  readonly name: string;
  readonly model: string;
  readonly baseUrl: string;
  /** `new` until its first response, `aside` while it is away or out of credit, `gone` for good. */
  readonly state: "new" | "active" | "aside" | "gone";
  /** Why it stands aside or is gone. */
  readonly reason: string | undefined;
  readonly answered: number;
  readonly inFlight: number;
  readonly usage: Usage;
  /** In US dollars; `undefined` where the price is not known. */
  readonly cost: number | undefined;
  readonly limits: readonly LimitState[];
  readonly amendments: readonly string[];
}

/** Failures by which a member's must outnumber its answers. */
const MAX_EXCESS = 8;
/** Connections in a row that must fail. */
const MAX_UNREACHED = 3;
/** How often one that was never reached is tried before it counts as not there. */
const MAX_STARTS = 3;
const PROBE_EVERY_MS = { start: 1000, outage: 5000, refused: 60_000 };
/** Refusals that time may mend; the others are for good. */
const PASSING: ReadonlySet<string> = new Set<ErrorCode>(["NO_CREDIT", "WAIT_TOO_LONG"]);

/** One provider of a pool: whether it can be asked, and when it is to be tried again. */
export class Member {
  readonly name: string;
  readonly exchange: Exchange;
  answers: Answers | undefined;
  state: MemberProgress["state"] = "new";
  /** Why it is not active. */
  reason: { readonly code: Rejection["code"]; readonly message: string } | undefined;
  /** The shortest request that was answered: the one to tell an outage by. */
  check: { readonly call: Call; readonly length: number } | undefined;
  lastAliveAt: number = Number.NEGATIVE_INFINITY;
  /** When it may be tried next, where it is not active. */
  probeAt: number = Number.NEGATIVE_INFINITY;
  isProbing = false;
  isOutage = false;
  readonly #changed: () => void;
  #answered = 0;
  /** A walk that goes up for each failure and down for each answer, and never below zero. */
  #excess = 0;
  #unreached = 0;
  /** Tries in a row that failed. */
  #strikes = 0;

  constructor(name: string, exchange: Exchange, changed: () => void) {
    this.name = name;
    this.exchange = exchange;
    this.#changed = changed;
  }

  get isActive(): boolean {
    return this.state === "active";
  }

  /** Whether it may yet answer, without anybody's help. */
  get hasHope(): boolean {
    if (this.state === "aside") return this.isOutage && !this.#neverCame;
    return this.state !== "gone";
  }

  get #neverCame(): boolean {
    return this.#answered === 0 && this.#strikes >= MAX_STARTS;
  }

  /** Whether one request is to find out if it answers. */
  isDue(now: number): boolean {
    return (this.state === "new" || this.state === "aside") && !this.isProbing && now >= this.probeAt;
  }

  /** Part of its limits that is free: 0 to 1. */
  get room(): number {
    const { limits, inFlight, concurrency } = this.exchange.limiter;
    return Math.min(1 - inFlight / concurrency, ...limits.map(({ use }) => 1 - use));
  }

  gate(isProbe: boolean, call: Call): Gate {
    this.isProbing ||= isProbe;
    return {
      admits: () => isProbe || this.isActive,
      stopped: ({ rejection }: RejectionError) => this.#refused(rejection, isProbe),
      answered: (length) => {
        this.#answered += 1;
        if (length < (this.check?.length ?? Infinity)) this.check = { call, length };
      },
      ended: (sign, message) => {
        if (isProbe) this.isProbing = false;
        if (sign === "alive") this.#alive(isProbe);
        else if (sign !== "nothing") this.#failed(sign, message, isProbe);
        else if (isProbe) this.#changed();
      },
    };
  }

  /** Holds it back until one request has shown that it answers. */
  doubt(reason: Member["reason"]): void {
    this.#stepAside(reason, { isOutage: true, afterMs: 0 });
  }

  leave(reason: NonNullable<Member["reason"]>): void {
    this.state = "gone";
    this.reason = reason;
    this.#changed();
  }

  progress(): MemberProgress {
    const { provider, limiter, account, amendments } = this.exchange;
    return {
      name: this.name,
      model: provider.model,
      baseUrl: provider.baseUrl,
      state: this.state,
      reason: this.reason?.message,
      answered: this.#answered,
      inFlight: limiter.inFlight,
      usage: account.usage ?? NO_USAGE,
      cost: account.cost,
      limits: limiter.limits,
      amendments: [...amendments],
    };
  }

  #alive(isProbe: boolean): void {
    this.lastAliveAt = this.exchange.limiter.clock.now();
    this.#excess = Math.max(0, this.#excess - 1);
    this.#unreached = 0;
    if (this.isActive || this.state === "gone" || !(isProbe || this.isOutage)) return;
    this.state = "active";
    this.reason = undefined;
    this.isOutage = false;
    this.#strikes = 0;
    this.#excess = 0;
    this.#changed();
  }

  #failed(sign: Exclude<Sign, "alive" | "nothing">, message: string, isProbe: boolean): void {
    const reason = { code: sign === "unreached" ? "UNREACHABLE" : "OUTAGE", message } as const;
    if (isProbe) {
      this.#strikes += 1;
      const afterMs = this.#answered === 0 ? PROBE_EVERY_MS.start : PROBE_EVERY_MS.outage;
      this.#stepAside(reason, { isOutage: true, afterMs });
      return;
    }
    if (!this.isActive) return;
    this.#excess += 1;
    this.#unreached = sign === "unreached" ? this.#unreached + 1 : 0;
    if (this.#excess >= MAX_EXCESS || this.#unreached >= MAX_UNREACHED) this.doubt(reason);
  }

  #refused(reason: Rejection, isProbe: boolean): void {
    // What was in flight when it stepped aside tells nothing new.
    if (!isProbe && !this.isActive) return;
    if (PASSING.has(reason.code)) {
      this.#stepAside(reason, { isOutage: false, afterMs: PROBE_EVERY_MS.refused });
    } else if (this.isActive && this.#answered > 0) {
      // Keys are rotated and models deployed anew: it is asked once more.
      this.#stepAside(reason, { isOutage: true, afterMs: 0 });
      this.check = undefined;
    } else this.leave(reason);
  }

  #stepAside(
    reason: Member["reason"],
    { isOutage, afterMs }: { readonly isOutage: boolean; readonly afterMs: number },
  ): void {
    this.state = "aside";
    this.reason = reason;
    this.isOutage = isOutage;
    this.probeAt = this.exchange.limiter.clock.now() + afterMs;
    this.#changed();
  }
}
