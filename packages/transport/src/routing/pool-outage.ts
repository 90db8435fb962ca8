import { ParrotError, type ErrorCode } from "@parallel-parrot/core";
import type { Clock } from "@parallel-parrot/limiter";
import { refusalOf, type Excluded } from "./exclusions.ts";
import type { Member } from "./pool-endpoint.ts";

/** Whether anybody of a pool can be asked, or may be again. */
export class PoolOutage {
  /** Times when nobody could be asked, as tries have shown, and it passed. */
  outages = 0;
  readonly #members: readonly Member[];
  readonly #clock: Clock;
  #wasDown = false;

  constructor(members: readonly Member[], clock: Clock) {
    this.#members = members;
    this.#clock = clock;
  }

  /** Whether nobody can be asked, but somebody may come back. */
  get isDown(): boolean {
    const now = this.#clock.now();
    return (
      this.#members.every(({ health }) => health.state === "aside" || health.state === "gone") &&
      this.#members.some(({ health }) => health.hasHope(now))
    );
  }

  changed({ wasAway }: { readonly wasAway: boolean } = { wasAway: false }): void {
    const { isDown } = this;
    if (this.#wasDown && !isDown && wasAway) this.outages += 1;
    this.#wasDown = isDown;
  }

  /** Throws where nobody is left who may answer this. */
  requireHope(excluded: Excluded): void {
    const now = this.#clock.now();
    const hopeful = this.#members.filter(({ health }) => health.hasHope(now));
    if (hopeful.length === 0) throw this.#nobodyLeft(now);
    if (!hopeful.every((member) => excluded.has(member))) return;
    const refusal = refusalOf(this.#members, excluded);
    if (refusal !== undefined) throw refusal;
  }

  #nobodyLeft(now: number): ParrotError {
    const reasons = this.#members.map(({ name, endpoint, health }) => {
      const { model, baseUrl } = endpoint.provider;
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
