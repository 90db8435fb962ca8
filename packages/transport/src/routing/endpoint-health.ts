import type { Clock } from "@parallel-parrot/limiter";
import { EndpointEvidence } from "./endpoint-evidence.ts";
import { policyOf } from "../errors/error-policy.ts";
import type { MemberReason, MemberState } from "./member-state.ts";

/** Options of {@linkcode EndpointHealth}. */
export interface EndpointHealthOptions {
  readonly clock: Clock;
  /** How long one that fails may be away. */
  readonly maxOutageMs: number;
  /** It can be asked now, or not any more; `wasAway` where tries have shown that it was. */
  readonly changed: (change?: { readonly wasAway: boolean }) => void;
}

/** How often one that has answered nothing may fail. */
const MAX_STARTS = 3;
const TRY_EVERY_MS = { start: 1000, outage: 5000, refused: 60_000 };

/** Whether one member of a pool can be asked, and when it is to be tried again where it cannot. */
export class EndpointHealth {
  state: MemberState = "new";
  reason: MemberReason | undefined;
  /** Whether a request is on its way that is to show if it answers. */
  isTried = false;
  lastAliveAt: number = Number.NEGATIVE_INFINITY;
  /** The journal has answers of it: it is there, and waited for. */
  cameBefore = false;
  readonly evidence: EndpointEvidence = new EndpointEvidence();
  /** Where it is for failures that it stands aside. */
  failingSince: number | undefined;
  readonly #options: EndpointHealthOptions;
  #nextTryAt: number = Number.NEGATIVE_INFINITY;
  /** In a row. */
  #failedTries = 0;

  constructor(options: EndpointHealthOptions) {
    this.#options = options;
  }

  get isActive(): boolean {
    return this.state === "active";
  }

  /** Stands aside as it fails, not as it is out of credit. */
  get isFailing(): boolean {
    return this.state === "aside" && this.failingSince !== undefined;
  }

  /** It failed when it was tried last. */
  get isKnownToFail(): boolean {
    return this.#failedTries > 0;
  }

  /** Whether it has ever answered. */
  get hasCome(): boolean {
    return this.cameBefore || this.evidence.answered > 0;
  }

  /** Whether it may yet answer without anybody's help. */
  hasHope(now: number): boolean {
    return this.state === "aside" ? now < this.#endOfHope : this.state !== "gone";
  }

  /** Whether one request is to find out if it answers. */
  isDue(now: number): boolean {
    return (this.state === "new" || this.state === "aside") && !this.isTried && now >= this.#nextTryAt;
  }

  /** When it is to be tried, or hope ends. */
  nextChangeAt(now: number): number {
    if (this.state !== "aside") return Number.POSITIVE_INFINITY;
    return Math.min(...[this.#nextTryAt, this.#endOfHope].filter((time) => time > now));
  }

  alive(): void {
    this.lastAliveAt = this.#options.clock.now();
    this.evidence.alive();
  }

  failed(outcome: "failed" | "unreached", reason: MemberReason): void {
    if (this.isActive && this.evidence.failed(outcome)) this.doubt(reason);
  }

  /** Another has answered what this one refused. */
  outdone(reason: MemberReason): void {
    if (this.state === "aside" || this.state === "gone" || !this.evidence.outdone()) return;
    if (this.evidence.answered === 0) this.leave(reason);
    else this.doubt(reason);
  }

  /** Holds it back until a try has shown that it answers. */
  doubt(reason: MemberReason): void {
    this.#fail(reason, 0);
  }

  answersAgain(): void {
    const wasAway = this.#failedTries > 0;
    this.state = "active";
    this.reason = undefined;
    this.failingSince = undefined;
    this.#failedTries = 0;
    this.evidence.forget();
    this.#options.changed({ wasAway });
  }

  tryFailed(reason: MemberReason): void {
    this.#failedTries += 1;
    const isStarting = !this.hasCome && this.#failedTries < MAX_STARTS;
    this.#fail(reason, isStarting ? TRY_EVERY_MS.start : TRY_EVERY_MS.outage);
  }

  /** A new one that refuses a row is asked the next one at once. */
  tryShowedNothing(): void {
    if (this.state === "aside") this.#stepAside(this.reason, TRY_EVERY_MS.outage);
    else this.#options.changed();
  }

  /** A refusal that holds for every row. */
  refused(reason: MemberReason, isTry: boolean): void {
    // What was on its way when it stepped aside tells nothing new.
    if (!isTry && !this.isActive) return;
    if (policyOf(reason.code).isTransient === true) {
      this.failingSince = undefined;
      this.#stepAside(reason, TRY_EVERY_MS.refused);
    } else if (this.isActive) {
      // Keys are rotated and models deployed anew: it is asked once more.
      this.#fail(reason, 0);
    } else this.leave(reason);
  }

  leave(reason: MemberReason): void {
    this.state = "gone";
    this.reason = reason;
    this.#options.changed();
  }

  get #endOfHope(): number {
    const neverCame = !this.hasCome && this.#failedTries >= MAX_STARTS;
    if (this.failingSince === undefined || neverCame) return Number.NEGATIVE_INFINITY;
    return this.failingSince + this.#options.maxOutageMs;
  }

  #fail(reason: MemberReason, afterMs: number): void {
    this.failingSince ??= this.#options.clock.now();
    this.#stepAside(reason, afterMs);
  }

  #stepAside(reason: MemberReason | undefined, afterMs: number): void {
    this.state = "aside";
    this.reason = reason;
    this.#nextTryAt = this.#options.clock.now() + afterMs;
    this.#options.changed();
  }
}
