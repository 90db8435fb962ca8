import { Ramp } from "../concurrency/ramp.ts";
import { RateDiscovery } from "../discovery/rate-discovery.ts";
import type { OwnedPermit, Refusal } from "../permit.ts";
import type { Charge, LimitReading } from "../quota/charge.ts";
import type { LimitState } from "../quota/limit-state.ts";
import type { NeverFitsError } from "../quota/never-fits-error.ts";
import { Quotas } from "../quota/quotas.ts";
import type { RateLimits } from "../quota/rate-limits.ts";
import type { Wait } from "../wait.ts";
import type { Pace } from "./pace.ts";

/** The pace of a limiter that counts for itself: limits that are told or learned, and the rate that refusals show. */
export class OwnPace implements Pace {
  readonly #quotas: Quotas;
  readonly #discovery: RateDiscovery;
  readonly #ramp: Ramp = new Ramp();
  /** Milliseconds a request takes at the known limits, smoothed. */
  #knownMs = 0;
  /** The last refusal. */
  #refusal: Refusal = {};

  constructor(limits: RateLimits, random: () => number) {
    this.#quotas = new Quotas(limits);
    this.#discovery = new RateDiscovery(random);
  }

  get isPaced(): boolean {
    return this.#quotas.isPaced;
  }

  get discoveredPerMinute(): number | undefined {
    return this.#discovery.perMinute;
  }

  readyAt(charge: Charge, now: number): number {
    return Math.max(this.#discovery.readyAt(now), this.#quotas.readyAt(charge, now));
  }

  holdsAll(now: number): boolean {
    return this.#discovery.readyAt(now) > now;
  }

  waitFor(charge: Charge, now: number): Wait | undefined {
    const binding = this.#quotas.binding(charge, now);
    const at = this.#discovery.readyAt(now);
    if (binding !== undefined && binding.at >= at) {
      const { limit, source } = binding;
      return { ms: binding.at - now, source, limit, message: undefined };
    }
    if (at <= now) return undefined;
    if (!this.#discovery.isPaused(now))
      return { ms: at - now, source: "discovered", limit: undefined, message: undefined };
    const { limit, message } = this.#refusal;
    return { ms: at - now, source: "refusal", limit, message };
  }

  wanted(): void {
    // What may go is known without asking anybody.
  }

  sent(charge: Charge, isBusy: boolean, now: number): void {
    const ms = this.#quotas.take(charge, now, this.#quotas.isPaced ? this.#ramp.slowdown(now) : 1);
    if (ms > 0) this.#knownMs += (ms - this.#knownMs) * (this.#knownMs === 0 ? 1 : 0.05);
    this.#discovery.sent(now, isBusy, this.#knownMs > 0 ? 1 / this.#knownMs : 0);
  }

  settled(permit: OwnedPermit, actual: Charge, now: number): boolean {
    this.#discovery.answered(permit.number);
    return this.#quotas.settle(permit, actual, now);
  }

  refunded(permit: OwnedPermit, now: number): void {
    this.#discovery.returned(permit, now);
    this.#quotas.refund(permit, now);
  }

  throttled(permit: OwnedPermit, refusal: Refusal, next: number, now: number): boolean {
    const { retryAfterMs } = refusal;
    this.#refusal = refusal;
    const explanation = this.#quotas.explain({ sentAt: permit.sentAt, retryAfterMs }, now);
    this.#quotas.refund(permit, now);
    if (this.#discovery.refused(permit, { next, retryAfterMs, explanation }, now))
      this.#quotas.tighten(this.#knownMs, now);
    return this.#discovery.isActive;
  }

  learn(readings: readonly LimitReading[], next: number, now: number): boolean {
    return this.#quotas.learn(readings, next, now);
  }

  neverFits(charge: Charge): NeverFitsError | undefined {
    return this.#quotas.neverFits(charge);
  }

  limits(now: number): readonly LimitState[] {
    return this.#quotas.state(now);
  }
}
