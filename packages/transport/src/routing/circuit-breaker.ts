import { ParrotError } from "@parallel-parrot/core";
import type { Clock } from "@parallel-parrot/limiter";
import type { Outcome } from "../errors/outcome.ts";
import type { Admission } from "../request/lease.ts";
import { WaitQueue, type Waiter } from "../waiting/wait-queue.ts";
import type { OutageWait } from "../run-wait.ts";
import type { Outage } from "./router.ts";
import { OutageEvidence, type VotingRow } from "./outage-evidence.ts";

/** Options of {@linkcode createCircuitBreaker}. */
export interface CircuitBreakerOptions {
  readonly clock: Clock;
  /** Longest outage. Then the run ends with a ParrotError `OUTAGE`. */
  readonly maxOutageMs: number;
  /** Time between two probes, to which up to a tenth is added at random. @default 5000 */
  readonly probeEveryMs?: number;
  /** What the message of an outage names, such as the base URL. */
  readonly server: string;
  /** Whether there is a request that was answered before. */
  readonly canCheck: () => boolean;
}

const PROBE_EVERY_MS = 5000;
const PROBE_JITTER = 0.1;
/** One probe in so many repeats what was answered before, beginning with the first. */
const CHECK_EVERY = 3;
/** Rows let through at once after an outage. Each answer adds one, which doubles them with each round trip. */
const FIRST_READMITTED = 4;

/** Nothing is held back. */
interface Closed {
  readonly name: "closed";
}

/** There is an outage or the suspicion of one: a single request is sent every few seconds. */
interface Open {
  readonly name: "open";
  readonly since: number;
  nextProbeAt: number;
  /** Probes sent so far, those that were checks included. */
  probes: number;
  /** Whether it is an outage and not the fault of rows: a check has failed, or nothing can be checked. */
  isProven: boolean;
  /** The refused row that asks once more before all others. */
  confirming: VotingRow | undefined;
}

/** The outage is over, and the rows that wait are let through gradually. */
interface Recovering {
  readonly name: "recovering";
  /** Rows that were let through and are on their way. */
  readmitted: number;
  maxReadmitted: number;
}

/** Nothing more is sent. */
interface Stopped {
  readonly name: "stopped";
  readonly error: unknown;
}

type State = Closed | Open | Recovering | Stopped;

const CLOSED: Closed = { name: "closed" };

/** A row that waits until it is let through. */
type WaitingRow = Waiter<VotingRow, Admission>;

/** Makes the circuit breaker of one run. */
export function createCircuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  return new CircuitBreaker(options);
}

/**
 * Tells an outage of the server from rows that it cannot answer. It opens when twenty more rows fail than are answered,
 * when a row cannot even reach the server, or when a row runs out of attempts and nobody was answered since it began to
 * fail. Then a single request is sent every few seconds. The first repeats one that was answered before: if it is
 * answered again, the rows are at fault and not the server. Otherwise it is an outage, which ends with the first answer.
 */
export class CircuitBreaker implements Outage {
  readonly #options: CircuitBreakerOptions;
  readonly #probeEveryMs: number;
  readonly #evidence: OutageEvidence;
  /** Rows that wait, in the order in which they came. */
  readonly #waiting = new WaitQueue<VotingRow, Admission>();
  #state: State = CLOSED;
  /** Counts openings. An admission from before the last one is void. */
  #period = 0;
  #outages = 0;
  #lastMessage = "";
  /** Whether the server said with its last failure that it is loading its model. */
  #isLoading = false;
  #cancelTimer: (() => void) | undefined;

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
    this.#evidence = new OutageEvidence(options.clock);
    this.#probeEveryMs = options.probeEveryMs ?? PROBE_EVERY_MS;
  }

  /** Whether everything may be sent. It is the only question that a row of a healthy run asks. */
  get isClosed(): boolean {
    return this.#state === CLOSED;
  }

  /** Whether there is an outage or the suspicion of one. Then no failure counts against a row. */
  get isOpen(): boolean {
    return this.#state.name === "open";
  }

  get isStopped(): boolean {
    return this.#state.name === "stopped";
  }

  /** Real outages that are over. A row is forgiven the failures before the last one. */
  get outages(): number {
    return this.#outages;
  }

  /** Rows that wait until they are let through. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** What they wait for; `undefined` while nothing is held back. */
  get wait(): OutageWait | undefined {
    const state = this.#state;
    if (state.name !== "open") return undefined;
    const ms = state.since + this.#options.maxOutageMs - this.#options.clock.now();
    const message = this.#lastMessage || undefined;
    return { kind: "outage", ms: Math.max(ms, 0), isLoading: this.#isLoading, message };
  }

  /** Waits until a row is let through. The admission is to be handed back with {@linkcode CircuitBreaker.report}. */
  async enter(row: VotingRow, signal: AbortSignal): Promise<Admission> {
    if (this.#state.name === "stopped") throw this.#state.error;
    if (signal.aborted) this.#gaveUp(row);
    signal.throwIfAborted();
    const admission = this.#waiting.wait(row, signal, () => this.#gaveUp(row));
    this.#advance();
    return admission;
  }

  /** Whether a request may still be sent; `undefined` for one that has not had to ask for admission. */
  admits(admission: Admission | undefined): boolean {
    if (this.#state === CLOSED) return true;
    return this.#state.name !== "stopped" && admission?.period === this.#period;
  }

  /** Tells what a row's attempt came to, and hands the admission back that it was sent with. */
  report(row: VotingRow, outcome: Outcome, admission: Admission | undefined, message = ""): void {
    const valid = admission?.period === this.#period ? admission : undefined;
    if (valid?.kind === "row" && this.#state.name === "recovering") this.#state.readmitted -= 1;
    if (outcome === "alive") this.#alive(row, valid);
    else if (outcome === "nothing") this.#replaceProbe(valid);
    else {
      this.#lastMessage = message;
      this.#isLoading = outcome === "away";
      this.#failed(row, outcome, admission);
    }
    this.#advance();
  }

  /** The journal has an answer of this server, so it was right to ask it. */
  wasAlive(): void {
    this.#evidence.wasAlive();
  }

  /** Whether an outage may be the reason that a row has used its attempts. Then the breaker opens to find out. */
  suspect(row: VotingRow): boolean {
    const { name } = this.#state;
    if (name === "open" || name === "stopped") return name === "open";
    if (!this.#evidence.isSuspicious(row, this.#options.canCheck())) return false;
    this.#open();
    return true;
  }

  /**
   * Lets a row that was refused for a reason that stops the run ask once more, and holds all others back meanwhile.
   * Returns `false` where that reason is to be believed at once.
   */
  confirm(row: VotingRow): boolean {
    const { name } = this.#state;
    if (name === "stopped" || !this.#evidence.mayPass(row)) return false;
    if (name !== "open") this.#open(row);
    return true;
  }

  /** Ends the run: nothing more is sent, and all rows that wait get the error. */
  stop(error: unknown): void {
    if (this.#state.name === "stopped") return;
    this.#state = { name: "stopped", error };
    this.#cancelTimer?.();
    for (let { first } = this.#waiting; first !== undefined; first = this.#waiting.first) first.refuse(error);
  }

  /** A row waits no longer, as the run is stopping or its deadline has passed. */
  #gaveUp(row: VotingRow): void {
    if (this.#state.name === "open" && this.#state.confirming === row) this.#state.confirming = undefined;
    this.#advance();
  }

  #alive(row: VotingRow, admission: Admission | undefined): void {
    this.#evidence.alive(row);
    if (this.#state.name === "recovering") this.#state.maxReadmitted += 1;
    else if (this.#state.name === "open" && admission !== undefined) this.#close(this.#state);
  }

  #failed(row: VotingRow, outcome: "failed" | "away" | "unreached", admission: Admission | undefined): void {
    const { name } = this.#state;
    if (admission?.kind === "check") {
      if (this.#state.name === "open") this.#state.isProven ||= admission.period === this.#period;
      return;
    }
    if (outcome === "away") {
      if (name === "closed" || name === "recovering") this.#open();
      if (this.#state.name === "open") this.#state.isProven = true;
      return;
    }
    const isOutage = this.#evidence.failed(row, outcome, this.#outages);
    if (isOutage && (name === "closed" || name === "recovering")) this.#open();
  }

  /** A probe that told nothing is made up for at once, such as one that was cut short by its row's deadline. */
  #replaceProbe(admission: Admission | undefined): void {
    if (this.#state.name !== "open" || admission === undefined || admission.kind === "row") return;
    this.#state.nextProbeAt = this.#options.clock.now();
    if (admission.kind === "check") this.#state.probes = 0;
  }

  #open(confirming?: VotingRow): void {
    const now = this.#options.clock.now();
    const isProven = !this.#options.canCheck();
    this.#state = { name: "open", since: now, nextProbeAt: now, probes: 0, isProven, confirming };
    this.#period += 1;
  }

  #close({ isProven }: Open): void {
    this.#evidence.forgetVotes();
    if (isProven) this.#outages += 1;
    this.#state = isProven ? { name: "recovering", readmitted: 0, maxReadmitted: FIRST_READMITTED } : CLOSED;
  }

  /** Does what is due, and sets the one timer for what will be due next. */
  #advance(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const state = this.#state;
    if (state.name === "closed" || state.name === "recovering") this.#readmit(state);
    if (state.name !== "open" || this.#waiting.size === 0) return;
    const now = this.#options.clock.now();
    const endAt = state.since + this.#options.maxOutageMs;
    if (now >= endAt) {
      this.stop(this.#outageError(now - state.since));
      return;
    }
    if (now >= state.nextProbeAt) this.#probe(state, now);
    // Where no row waits there is no timer, so that a run that is over leaves none behind.
    if (this.#waiting.size === 0) return;
    const nextAt = state.nextProbeAt > now ? Math.min(state.nextProbeAt, endAt) : endAt;
    this.#cancelTimer = this.#options.clock.after(nextAt - now, () => this.#advance());
  }

  #readmit(state: Closed | Recovering): void {
    for (let { first } = this.#waiting; first !== undefined; first = this.#waiting.first) {
      if (state.name === "recovering" && state.readmitted >= state.maxReadmitted) return;
      if (state.name === "recovering") state.readmitted += 1;
      this.#admit(first, "row");
    }
    this.#state = CLOSED;
  }

  #probe(state: Open, now: number): void {
    const row = state.confirming;
    const waiter = this.#longestWaiting(row);
    // The row that is to ask once more may not have come here yet.
    if (waiter === undefined) return;
    const isCheck = row === undefined && state.probes % CHECK_EVERY === 0 && this.#options.canCheck();
    if (row === undefined) state.probes += 1;
    state.confirming = undefined;
    state.nextProbeAt = now + this.#probeEveryMs * (1 + PROBE_JITTER * Math.random());
    this.#admit(waiter, isCheck ? "check" : "probe");
  }

  /** The given row, or the one that waits longest: rows that fail come back at the end, so that probes go round. */
  #longestWaiting(row: VotingRow | undefined): WaitingRow | undefined {
    let waiter = this.#waiting.first;
    while (waiter !== undefined && row !== undefined && waiter.need !== row) waiter = waiter.next;
    return waiter;
  }

  #admit(waiter: WaitingRow, kind: Admission["kind"]): void {
    waiter.grant({ kind, period: this.#period });
  }

  #outageError(lastedMs: number): ParrotError {
    const seconds = Math.round(lastedMs / 1000);
    return new ParrotError(
      "OUTAGE",
      `${this.#options.server} ${this.#isLoading ? "has been loading its model" : "has not answered"} for ${seconds} s, which is as long as maxOutageMs allows; nothing more was sent. Run again when it is back. The last failure: ${this.#lastMessage}`,
      { option: "maxOutageMs" },
    );
  }
}
