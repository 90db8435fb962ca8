import { ParrotError, type ErrorCode } from "@parallel-parrot/core";
import { NeverFitsError, type Charge, type Clock, type Permit } from "@parallel-parrot/limiter";
import type { Call } from "@parallel-parrot/providers";
import { createBill, type Bill } from "./bill.ts";
import { refuseReserve, type Planned, type Signals } from "./exchange.ts";
import type { Member } from "./member.ts";
import { RejectionError } from "./rejection-error.ts";

/** A member that a request goes to, its turn there, and whether it is to show that the member answers. */
export interface Turn {
  readonly member: Member;
  readonly planned: Planned;
  readonly isProbe: boolean;
}

/** Members that cannot be asked this, and why. */
export type Excluded = Map<Member, RejectionError>;

interface Candidate {
  readonly member: Member;
  readonly planned: Planned;
  readonly charge: Charge;
}

/** Whose turn it is: gives each request to the member with most room, and tries those again that stand aside. */
export class PoolTurns {
  readonly members: readonly Member[];
  /** Times when nobody could be asked, and it passed. */
  outages = 0;
  readonly #clock: Clock;
  readonly #maxOutageMs: number;
  readonly #waiters = new Set<() => void>();
  readonly #failures = new WeakMap<Bill, Map<Member, number>>();
  #downSince: number | undefined;

  constructor(members: readonly Member[], clock: Clock, maxOutageMs: number) {
    this.members = members;
    this.#clock = clock;
    this.#maxOutageMs = maxOutageMs;
  }

  /** Requests waiting for a turn at any of them. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Whether nobody can be asked, but somebody may come back. */
  get isDown(): boolean {
    return (
      this.members.some(({ isOutage, state }) => state === "aside" && isOutage) &&
      !this.members.some(({ state }) => state === "active" || state === "new")
    );
  }

  /** A member stepped aside or came back: who waits has to choose again. */
  changed(): void {
    if (this.isDown) this.#downSince ??= this.#clock.now();
    else if (this.#downSince !== undefined) {
      this.#downSince = undefined;
      this.outages += 1;
    }
    for (const wake of this.#waiters) wake();
  }

  /** A row's request failed here: another member comes first for it. */
  noteFailure(bill: Bill, member: Member): void {
    const counts = this.#failures.get(bill) ?? new Map<Member, number>();
    this.#failures.set(bill, counts.set(member, (counts.get(member) ?? 0) + 1));
  }

  async take(call: Call, bill: Bill, excluded: Excluded, signals: Signals): Promise<Turn> {
    for (;;) {
      signals.waiting.throwIfAborted();
      await this.#checkOne(excluded, signals);
      const candidates = this.#candidates(call, bill, excluded);
      const turn = this.#takeNow(candidates, excluded) ?? (await this.#wait(candidates, signals));
      if (turn !== undefined) return turn;
      this.#requireHope(excluded);
    }
  }

  /** Asks a member that stands aside what it answered before: a row that it cannot answer tells nothing. */
  async #checkOne(excluded: Excluded, signals: Signals): Promise<void> {
    const now = this.#clock.now();
    const due = this.members.find((one) => !excluded.has(one) && one.check !== undefined && one.isDue(now));
    if (due?.isOutage === true) await this.check(due, signals);
  }

  async check(member: Member, signals: Signals): Promise<void> {
    const call = member.check?.call;
    if (call === undefined) return;
    const gate = member.gate(true, call);
    try {
      // What it costs is on no row's bill, only on the run's.
      await member.exchange.exchange(member.exchange.plan(call), signals, createBill(1), gate);
    } catch (error) {
      if (!(error instanceof RejectionError)) throw error;
    }
  }

  #candidates(call: Call, bill: Bill, excluded: Excluded): readonly Candidate[] {
    this.#requireHope(excluded);
    const failures = this.#failures.get(bill);
    const now = this.#clock.now();
    const ranked = this.members
      .filter((member) => !excluded.has(member) && (member.isActive || member.isDue(now)))
      .map((member) => ({ member, failed: failures?.get(member) ?? 0, room: member.room }))
      // One that is to be tried goes first: it is one request.
      .toSorted(
        (a, b) =>
          a.failed - b.failed || Number(a.member.isActive) - Number(b.member.isActive) || b.room - a.room,
      );
    return ranked.flatMap(({ member }) => {
      try {
        const planned = member.exchange.plan(call);
        return [{ member, planned, charge: member.exchange.chargeOf(planned) }];
      } catch (error) {
        return exclude(excluded, member, error);
      }
    });
  }

  #takeNow(candidates: readonly Candidate[], excluded: Excluded): Turn | undefined {
    for (const candidate of candidates) {
      try {
        const permit = candidate.member.exchange.limiter.tryReserve(candidate.charge);
        if (permit !== undefined) return this.#turn(candidate, permit);
      } catch (error) {
        exclude(excluded, candidate.member, error);
      }
    }
    return undefined;
  }

  /** In line at all of them: the first that has a turn gets the request. `undefined` is to choose again. */
  async #wait(candidates: readonly Candidate[], signals: Signals): Promise<Turn | undefined> {
    const ends = new AbortController();
    const { promise, resolve, reject } = Promise.withResolvers<Turn | undefined>();
    let isOver = false;
    const end = (turn: Turn | undefined): void => {
      isOver = true;
      resolve(turn);
    };
    const wake = (): void => end(undefined);
    const abort = (): void => reject(signals.waiting.reason);
    signals.waiting.addEventListener("abort", abort, { once: true });
    this.#waiters.add(wake);
    const nextMs = this.#nextMs();
    const cancel = nextMs === undefined ? undefined : this.#clock.after(nextMs, wake);
    const stand = async (candidate: Candidate): Promise<void> => {
      try {
        const { limiter } = candidate.member.exchange;
        const permit = await limiter.reserve(candidate.charge, { signal: ends.signal });
        const turn = isOver ? undefined : this.#turn(candidate, permit);
        if (turn === undefined) permit.refund();
        if (!isOver) end(turn);
      } catch {
        // Larger than a limit that was learned meanwhile, which choosing again finds out.
        wake();
      }
    };
    for (const candidate of candidates) void stand(candidate);
    try {
      return await promise;
    } finally {
      isOver = true;
      ends.abort();
      cancel?.();
      this.#waiters.delete(wake);
      signals.waiting.removeEventListener("abort", abort);
    }
  }

  /** `undefined` where the member has stepped aside meanwhile, or somebody else tries it. */
  #turn({ member, planned }: Candidate, permit: Permit): Turn | undefined {
    const isProbe = !member.isActive;
    if (isProbe && !member.isDue(this.#clock.now())) {
      permit.refund();
      return undefined;
    }
    if (isProbe) member.isProbing = true;
    return { member, planned: { ...planned, permit }, isProbe };
  }

  /** Until something is due. */
  #nextMs(): number | undefined {
    const now = this.#clock.now();
    const times = this.members.flatMap(({ state, probeAt }) => (state === "aside" ? [probeAt] : []));
    if (this.#downSince !== undefined) times.push(this.#downSince + this.#maxOutageMs);
    const later = times.filter((time) => time > now);
    return later.length === 0 ? undefined : Math.min(...later) - now;
  }

  #requireHope(excluded: Excluded): void {
    const hopeful = this.members.filter(({ hasHope }) => hasHope);
    if (hopeful.length === 0) throw this.#nobodyLeft("No member of the pool is left");
    const [refusal] = excluded.values();
    if (refusal !== undefined && hopeful.every((member) => excluded.has(member))) throw refusal;
    const downMs = this.#downSince === undefined ? 0 : this.#clock.now() - this.#downSince;
    if (downMs >= this.#maxOutageMs)
      throw this.#nobodyLeft(
        `No member of the pool has answered for ${Math.round(downMs / 1000)} s, which is as long as maxOutageMs allows`,
        "OUTAGE",
      );
  }

  #nobodyLeft(headline: string, code?: ErrorCode): ParrotError {
    const reasons = this.members.map(({ name, exchange, reason }) => {
      const { model, baseUrl } = exchange.provider;
      return `${name} (model ${model}, ${baseUrl}): ${reason?.message ?? "it did not answer"}`;
    });
    const last = this.members.findLast(({ reason }) => reason !== undefined)?.reason?.code;
    // Only what stops a run is a member's reason.
    return new ParrotError(
      code ?? ((last ?? "SETUP_FAILED") as ErrorCode),
      `${headline}; nothing more was sent. ${reasons.join("; ")}`,
    );
  }
}

/** One member's no to one request; anything but that is thrown on. */
export function exclude(excluded: Excluded, member: Member, error: unknown): [] {
  let cause = error;
  if (error instanceof NeverFitsError) {
    try {
      refuseReserve(error);
    } catch (refusal) {
      cause = refusal;
    }
  }
  if (!(cause instanceof RejectionError)) throw cause;
  excluded.set(member, cause);
  return [];
}
