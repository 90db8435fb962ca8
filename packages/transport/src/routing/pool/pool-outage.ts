import { ParrotError, type ErrorCode } from "@parallel-parrot/core";
import type { Clock } from "@parallel-parrot/limiter";
import { policyOf } from "../../errors/error-policy.ts";
import type { RoutedRequest } from "../../request/routed-request.ts";
import type { OutageWait } from "../../run-wait.ts";
import type { Outage } from "../router.ts";
import { refusalOf } from "../exclusions.ts";
import type { PoolMember } from "./pool-member.ts";

/** An outage of a pool: no member can be asked, and one may return. */
export class PoolOutage implements Outage {
  /** Outages that trials have shown and that are over. */
  outages = 0;
  readonly #members: readonly PoolMember[];
  readonly #clock: Clock;
  #wasOpen = false;

  constructor(members: readonly PoolMember[], clock: Clock) {
    this.#members = members;
    this.#clock = clock;
  }

  /** Whether no member can be asked, and one may return. */
  get isOpen(): boolean {
    const now = this.#clock.now();
    return (
      this.#members.every(({ health }) => health.state === "aside" || health.state === "gone") &&
      this.#members.some(({ health }) => health.mayReturn(now))
    );
  }

  /** What the run waits for, and until the last member is given up; `undefined` while a member can be asked. */
  get wait(): OutageWait | undefined {
    if (!this.isOpen) return undefined;
    const now = this.#clock.now();
    const ends = this.#members.map(({ health }) => health.givenUpAt);
    const message = this.#members.findLast(({ health }) => health.reason !== undefined)?.health.reason
      ?.message;
    const isLoading = this.#members.some(({ health }) => health.isLoading);
    return { kind: "outage", ms: Math.max(...ends, now) - now, isLoading, message };
  }

  /** Notes that a member can be asked again, or no longer. */
  changed({ wasAway }: { readonly wasAway: boolean } = { wasAway: false }): void {
    const { isOpen } = this;
    if (this.#wasOpen && !isOpen && wasAway) this.outages += 1;
    this.#wasOpen = isOpen;
  }

  /** Throws where no member is left that may answer this. */
  requireMember(routed: RoutedRequest): void {
    const now = this.#clock.now();
    const left = this.#members.filter(({ health }) => health.mayReturn(now));
    if (left.length === 0) throw this.#nobodyLeft(now);
    if (!left.every((member) => routed.exclusionOf(member) !== undefined)) return;
    const refusal = refusalOf(this.#members, routed);
    if (refusal !== undefined) throw refusal;
  }

  #nobodyLeft(now: number): ParrotError {
    const reasons = this.#members.map(({ name, provider, health }) => {
      const { model, baseUrl } = provider;
      return `${name} (model ${model}, ${baseUrl}): ${health.reason?.message ?? "it did not answer"}`;
    });
    const failing = this.#members.filter(({ health }) => health.isFailing && health.hasAnswered);
    const sinceMs = now - Math.max(...failing.map(({ health }) => health.failingSince ?? now));
    const headline =
      failing.length === 0
        ? "No member of the pool is left"
        : `No member of the pool has answered for ${Math.round(sinceMs / 1000)} s, which is as long as maxOutageMs allows`;
    const last = this.#members.findLast(({ health }) => health.reason !== undefined)?.health.reason?.code;
    // The reason why a member is not asked is always a code that stops a run.
    const code = failing.length === 0 ? ((last ?? "SETUP_FAILED") as ErrorCode) : "OUTAGE";
    const { option } = policyOf(code);
    const message = `${headline}; nothing more was sent. ${reasons.join("; ")}`;
    return new ParrotError(code, message, option === undefined ? {} : { option });
  }
}
