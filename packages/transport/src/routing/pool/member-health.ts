import type { Clock } from "@parallel-parrot/limiter";
import type { Rejection } from "@parallel-parrot/providers";
import { MemberEvidence } from "./member-evidence.ts";
import { policyOf } from "../../errors/error-policy.ts";
import type { MemberState } from "../../progress.ts";

/** Why a member of a pool is not asked. */
export interface MemberReason {
  readonly code: Rejection["code"];
  readonly message: string;
}

/** Options of {@linkcode MemberHealth}. */
export interface MemberHealthOptions {
  readonly clock: Clock;
  /** How long a member that fails is waited for. */
  readonly maxOutageMs: number;
  /** Called when it can be asked again, or no longer. `wasAway` says that a trial before this one has failed. */
  readonly changed: (change?: { readonly wasAway: boolean }) => void;
}

/** How many trials of a member may fail that has never answered. */
const MAX_STARTS = 3;
/** Time between two trials: of one that has never answered, of one that fails, of one that refuses everybody. */
const TRIAL_EVERY_MS = { start: 1000, outage: 5000, refused: 60_000 };

/**
 * Whether one member of a pool can be asked. Where it cannot, one request at a time is its trial: it shows whether the
 * member answers.
 */
export class MemberHealth {
  state: MemberState = "new";
  reason: MemberReason | undefined;
  /** Whether its trial is on the way. */
  isOnTrial = false;
  lastAliveAt: number = Number.NEGATIVE_INFINITY;
  /** Whether the journal has answers of it. Then it exists, and is waited for. */
  answeredBefore = false;
  /** Whether it said last that it is loading its model. Then it exists as well. */
  isLoading = false;
  readonly evidence: MemberEvidence = new MemberEvidence();
  /** When it began to fail; `undefined` where it stands aside for another reason, or does not. */
  failingSince: number | undefined;
  readonly #options: MemberHealthOptions;
  #nextTrialAt: number = Number.NEGATIVE_INFINITY;
  /** Trials that have failed since it answered last. */
  #failedTrials = 0;
  #isRefusing = false;

  constructor(options: MemberHealthOptions) {
    this.#options = options;
  }

  get isActive(): boolean {
    return this.state === "active";
  }

  /** Whether it stands aside because it fails, and not because it is out of credit. */
  get isFailing(): boolean {
    return this.state === "aside" && this.failingSince !== undefined;
  }

  /** Whether it stands aside because it has refused a row in a way that may be everybody's. */
  get isRefusing(): boolean {
    return this.state === "aside" && this.#isRefusing;
  }

  /** Whether its last trial has failed. */
  get isKnownToFail(): boolean {
    return this.#failedTrials > 0;
  }

  /** Whether it has ever answered, or is about to. */
  get hasAnswered(): boolean {
    return this.answeredBefore || this.isLoading || this.evidence.answered > 0;
  }

  /** When it is no longer waited for. */
  get givenUpAt(): number {
    const neverAnswered = !this.hasAnswered && this.#failedTrials >= MAX_STARTS;
    if (this.failingSince === undefined || neverAnswered) return Number.NEGATIVE_INFINITY;
    return this.failingSince + this.#options.maxOutageMs;
  }

  /** Whether it may answer without anybody having to do something about it. */
  mayReturn(now: number): boolean {
    return this.state === "aside" ? now < this.givenUpAt : this.state !== "gone";
  }

  /** Whether it is time for a trial. */
  isDue(now: number): boolean {
    return (this.state === "new" || this.state === "aside") && !this.isOnTrial && now >= this.#nextTrialAt;
  }

  /** When its next trial is due, or it is given up. */
  nextChangeAt(now: number): number {
    if (this.state !== "aside") return Number.POSITIVE_INFINITY;
    return Math.min(...[this.#nextTrialAt, this.givenUpAt].filter((time) => time > now));
  }

  alive(): void {
    this.lastAliveAt = this.#options.clock.now();
    this.evidence.alive();
  }

  failed(outcome: "failed" | "unreached", reason: MemberReason): void {
    if (this.isActive && this.evidence.failed(outcome)) this.doubt(reason);
  }

  /** Another member has answered what this one refused. */
  outdone(reason: MemberReason): void {
    if (this.state === "aside" || this.state === "gone" || !this.evidence.outdone()) return;
    if (this.evidence.answered === 0) this.leave(reason);
    else this.doubt(reason);
  }

  /** Holds it back until a trial has shown that it answers. */
  doubt(reason: MemberReason): void {
    this.#fail(reason, 0);
  }

  /** Holds it back after a refusal that may be everybody's, until a check has shown whether it is. */
  doubtRefusal(reason: MemberReason): void {
    if (!this.isActive && this.state !== "new") return;
    this.#isRefusing = true;
    this.doubt(reason);
  }

  trialSucceeded(): void {
    const wasAway = this.#failedTrials > 0;
    this.#isRefusing = false;
    this.state = "active";
    this.reason = undefined;
    this.failingSince = undefined;
    this.#failedTrials = 0;
    this.evidence.forget();
    this.#options.changed({ wasAway });
  }

  trialFailed(reason: MemberReason): void {
    this.#failedTrials += 1;
    const isStarting = !this.hasAnswered && this.#failedTrials < MAX_STARTS;
    this.#fail(reason, isStarting ? TRIAL_EVERY_MS.start : TRIAL_EVERY_MS.outage);
  }

  /** The trial said nothing, as that row was refused. A new member gets the next row at once. */
  trialShowedNothing(): void {
    if (this.state === "aside") this.#stepAside(this.reason, TRIAL_EVERY_MS.outage);
    else this.#options.changed();
  }

  /** A refusal that holds for every row. */
  refused(reason: MemberReason, isTrial: boolean): void {
    // Requests that were on their way when it stepped aside tell nothing new.
    if (!isTrial && !this.isActive) return;
    if (policyOf(reason.code).isTransient === true) {
      this.failingSince = undefined;
      this.#stepAside(reason, TRIAL_EVERY_MS.refused);
    } else if (this.isActive) {
      // Keys are rotated and models deployed anew, so it is asked once more.
      this.#fail(reason, 0);
    } else this.leave(reason);
  }

  leave(reason: MemberReason): void {
    this.state = "gone";
    this.reason = reason;
    this.#options.changed();
  }

  #fail(reason: MemberReason, afterMs: number): void {
    this.failingSince ??= this.#options.clock.now();
    this.#stepAside(reason, afterMs);
  }

  #stepAside(reason: MemberReason | undefined, afterMs: number): void {
    this.state = "aside";
    this.reason = reason;
    this.#nextTrialAt = this.#options.clock.now() + afterMs;
    this.#options.changed();
  }
}
