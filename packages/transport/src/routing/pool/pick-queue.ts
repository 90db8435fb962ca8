import type { Clock, Permit } from "@parallel-parrot/limiter";
import type { Spending } from "../../budget/amounts.ts";
import type { Lease } from "../../request/lease.ts";
import { LinkedList, ListItem } from "../../waiting/linked-list.ts";
import type { PoolMember } from "./pool-member.ts";
import type { Purse } from "./purse.ts";

type PoolLease = Lease<PoolMember>;

/** The members that a request may go to, once they have room for it. */
export class Shortlist {
  /** When it was made. */
  readonly at: number;
  /** The rate limit has no room. */
  readonly atLimit: PoolLease[] = [];
  /** The budget has no room. */
  readonly lackBudget: PoolLease[] = [];

  constructor(at: number) {
    this.at = at;
  }
}

/** Grants a lease with the permit that it has waited for. */
export interface Granter {
  /** Returns whether it is granted; then the permit belongs to the lease. */
  grant(lease: PoolLease, purse: Purse, permit: Permit): boolean;
}

/** Requests that stand in line at several members at once. */
export class PickQueue {
  readonly #members: readonly PoolMember[];
  readonly #clock: Clock;
  readonly #waiting = new LinkedList<WaitingPick>();

  constructor(members: readonly PoolMember[], clock: Clock) {
    this.#members = members;
    this.#clock = clock;
  }

  get length(): number {
    return this.#waiting.size;
  }

  /** A member has stepped aside or come back, so that each request that waits has to choose again. */
  changed(): void {
    // Each leaves the list only when its own code runs again, so that the list does not change here.
    for (let pick = this.#waiting.first; pick !== undefined; pick = pick.next) pick.end();
  }

  /** Waits for the first member that has room. `undefined` means that the request has to choose again. */
  async wait(
    { atLimit, lackBudget, at }: Shortlist,
    purse: Purse,
    granter: Granter,
    signal: AbortSignal,
  ): Promise<PoolLease | undefined> {
    const pick = new WaitingPick(purse, granter, signal);
    signal.addEventListener("abort", pick, { once: true });
    this.#waiting.push(pick);
    const cancel = this.#endAtChange(pick, at);
    for (const lease of atLimit) void pick.standFor(lease);
    const worst = atLimit.length > 0 && purse.isFilled ? undefined : lackBudget[0]?.worst;
    if (worst !== undefined) void pick.waitForBudget(worst);
    try {
      return await pick.ended;
    } finally {
      cancel?.();
      this.#waiting.remove(pick);
      signal.removeEventListener("abort", pick);
    }
  }

  /**
   * Lets a request choose again when the trial of a member is due, or a member is given up: also where that was so
   * between its choice and now.
   */
  #endAtChange(pick: WaitingPick, chosenAt: number): (() => void) | undefined {
    const at = Math.min(...this.#members.map(({ health }) => health.nextChangeAt(chosenAt)));
    if (at === Number.POSITIVE_INFINITY) return undefined;
    return this.#clock.after(Math.max(0, at - this.#clock.now()), () => pick.end());
  }
}

/** A request that waits. It is in a linked list, as more come and go than a `Set` is good for; see `Peers`. */
class WaitingPick extends ListItem<WaitingPick> {
  readonly #purse: Purse;
  readonly #granter: Granter;
  readonly #signal: AbortSignal;
  /** Ends its places at all members, so that what still arrives there goes back at once. */
  readonly #over = new AbortController();
  readonly #ending = Promise.withResolvers<PoolLease | undefined>();

  constructor(purse: Purse, granter: Granter, signal: AbortSignal) {
    super();
    this.#purse = purse;
    this.#granter = granter;
    this.#signal = signal;
  }

  get ended(): Promise<PoolLease | undefined> {
    return this.#ending.promise;
  }

  /** Ends the wait: with a lease, or to choose again. */
  end(lease?: PoolLease): void {
    this.#over.abort();
    this.#ending.resolve(lease);
  }

  /** The run is stopping. */
  handleEvent(): void {
    this.#over.abort();
    this.#ending.reject(this.#signal.reason);
  }

  /** Waits for room at the rate limit of one member. */
  async standFor(lease: PoolLease): Promise<void> {
    const { signal } = this.#over;
    let permit: Permit | undefined;
    let isGranted = false;
    try {
      permit = await lease.endpoint.limiter.reserve(lease.charge, { signal });
      isGranted = !signal.aborted && this.#granter.grant(lease, this.#purse, permit);
    } catch {
      // A request that is larger than a limit learned meanwhile finds that out when it chooses again.
    }
    if (!isGranted) permit?.refund();
    this.end(isGranted ? lease : undefined);
  }

  async waitForBudget(worst: Spending): Promise<void> {
    // Whatever the budget says, the request finds that out when it chooses again.
    await this.#purse.fill(worst, this.#over.signal).catch(() => undefined);
    this.end();
  }
}
