import type { Clock, Permit } from "@parallel-parrot/limiter";
import type { Candidate } from "./candidate.ts";
import { LinkedList, ListItem } from "../waiting/linked-list.ts";
import type { Member } from "./pool-endpoint.ts";
import type { Turn } from "./picker.ts";
import type { Purse } from "./purse.ts";

/** A request that waits; more come and go than a `Set` is good for, see `Peers`. */
class Waiter extends ListItem<Waiter> {
  readonly wake: () => void;

  constructor(wake: () => void) {
    super();
    this.wake = wake;
  }
}

/** Requests that stand in line at several members at once. */
export class PoolLines {
  readonly #members: readonly Member[];
  readonly #clock: Clock;
  readonly #waiters = new LinkedList<Waiter>();

  constructor({ members, clock }: { readonly members: readonly Member[]; readonly clock: Clock }) {
    this.#members = members;
    this.#clock = clock;
  }

  get length(): number {
    return this.#waiters.size;
  }

  /** A member stepped aside or came back: who waits has to choose again. */
  changed(): void {
    // Each one goes out only when it runs again, later.
    for (let waiter = this.#waiters.first; waiter !== undefined; waiter = waiter.next) waiter.wake();
  }

  /** The first member with a turn gets the request. `undefined` is to choose again. */
  async wait(
    candidates: readonly Candidate[],
    purse: Purse,
    signal: AbortSignal,
    toTurn: (candidate: Candidate, permit: Permit) => Turn | undefined,
  ): Promise<Turn | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<Turn | undefined>();
    // What comes to another line once this is over goes back at once.
    const over = new AbortController();
    const end = (turn?: Turn): void => {
      over.abort();
      resolve(turn);
    };
    const wake = (): void => end();
    const abort = (): void => {
      over.abort();
      reject(signal.reason);
    };
    const stand = async (candidate: Candidate): Promise<void> => {
      const { limiter } = candidate.member.endpoint;
      const permit = await limiter.reserve(candidate.charge, { signal: over.signal });
      const turn = over.signal.aborted ? undefined : toTurn(candidate, permit);
      if (turn === undefined) permit.refund();
      end(turn);
    };
    signal.addEventListener("abort", abort, { once: true });
    const waiter = new Waiter(wake);
    this.#waiters.push(waiter);
    const cancel = this.#wakeAtChange(wake);
    const [poor, able] = [candidates.filter(lacksBudget), candidates.filter((each) => !lacksBudget(each))];
    // One larger than a limit that was learned meanwhile is found out by choosing again.
    for (const candidate of able) stand(candidate).catch(wake);
    const worst = able.length > 0 && purse.isFilled ? undefined : poor[0]?.worst;
    if (worst !== undefined) purse.fill(worst, over.signal).then(wake, wake);
    try {
      return await promise;
    } finally {
      cancel();
      this.#waiters.remove(waiter);
      signal.removeEventListener("abort", abort);
    }
  }

  /** When a member is to be tried, or is not to be hoped for any more. */
  #wakeAtChange(wake: () => void): () => void {
    const now = this.#clock.now();
    const at = Math.min(...this.#members.map(({ health }) => health.nextChangeAt(now)));
    return at === Number.POSITIVE_INFINITY ? () => undefined : this.#clock.after(at - now, wake);
  }
}

function lacksBudget(candidate: Candidate): boolean {
  return candidate.lacksBudget;
}
