import { ParrotError, type ErrorCode } from "@parallel-parrot/core";
import type { Clock } from "@parallel-parrot/limiter";
import type { RoutedRequest } from "../request/routed-request.ts";
import type { Outage } from "./router.ts";
import { refusalOf } from "./exclusions.ts";
import type { PoolEndpoint } from "./pool-endpoint.ts";

/** Whether anybody of a pool can be asked, or may be again. */
export class PoolOutage implements Outage {
  /** Times when nobody could be asked, as tries have shown, and it passed. */
  outages = 0;
  readonly #members: readonly PoolEndpoint[];
  readonly #clock: Clock;
  #wasOpen = false;

  constructor(members: readonly PoolEndpoint[], clock: Clock) {
    this.#members = members;
    this.#clock = clock;
  }

  /** Whether nobody can be asked, but somebody may come back. */
  get isOpen(): boolean {
    const now = this.#clock.now();
    return (
      this.#members.every(({ health }) => health.state === "aside" || health.state === "gone") &&
      this.#members.some(({ health }) => health.hasHope(now))
    );
  }

  changed({ wasAway }: { readonly wasAway: boolean } = { wasAway: false }): void {
    const { isOpen } = this;
    if (this.#wasOpen && !isOpen && wasAway) this.outages += 1;
    this.#wasOpen = isOpen;
  }

  /** Throws where nobody is left who may answer this. */
  requireHope(routed: RoutedRequest): void {
    const now = this.#clock.now();
    const hopeful = this.#members.filter(({ health }) => health.hasHope(now));
    if (hopeful.length === 0) throw this.#nobodyLeft(now);
    if (!hopeful.every((member) => routed.exclusionOf(member) !== undefined)) return;
    const refusal = refusalOf(this.#members, routed);
    if (refusal !== undefined) throw refusal;
  }

  #nobodyLeft(now: number): ParrotError {
    const reasons = this.#members.map(({ name, provider, health }) => {
      const { model, baseUrl } = provider;
      return `${name} (model ${model}, ${baseUrl}): ${health.reason?.message ?? "it did not answer"}`;
    });
    const failing = this.#members.filter(({ health }) => health.isFailing && health.hasCome);
    const sinceMs = now - Math.max(...failing.map(({ health }) => health.failingSince ?? now));
    const headline =
      failing.length === 0
        ? "No member of the pool is left"
        : `No member of the pool has answered for ${Math.round(sinceMs / 1000)} s, which is as long as maxOutageMs allows`;
    const last = this.#members.findLast(({ health }) => health.reason !== undefined)?.health.reason?.code;
    // Only what stops a run is a member's reason.
    const code = failing.length === 0 ? ((last ?? "SETUP_FAILED") as ErrorCode) : "OUTAGE";
    return new ParrotError(code, `${headline}; nothing more was sent. ${reasons.join("; ")}`);
  }
}
