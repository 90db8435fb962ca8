import { ParrotError } from "@parallel-parrot/core";
import type { Clock } from "@parallel-parrot/limiter";
import type { Outcome } from "../errors/outcome.ts";
import type { Admission } from "../request/lease.ts";
import { WaitQueue, type Waiter } from "../waiting/wait-queue.ts";
import { FailureWindow, type VotingRow } from "./failure-window.ts";

/** Options of {@linkcode createCircuitBreaker}. */
export interface CircuitBreakerOptions {
  readonly clock: Clock;
  /** Longest outage; then everything waiting is rejected with a ParrotError `OUTAGE`. */
  readonly maxOutageMs: number;
  /** Time between two probes, and a little jitter. @default 5000 */
  readonly probeEveryMs?: number;
  /** What the message of an outage names, such as the base URL. */
  readonly server: string;
  /** Whether there is a request that was answered before. */
  readonly canCheck: () => boolean;
}

/** Tells an outage of the server from rows that it cannot answer; see {@linkcode createCircuitBreaker}. */
export interface CircuitBreaker {
  /** Everything may be sent; the only thing that a row of a healthy run asks. */
  readonly isClosed: boolean;
  /** An outage or the suspicion of one: failures count against no row. */
  readonly isOpen: boolean;
  readonly isStopped: boolean;
  /** Outages that were real and are over. What a row failed before the last one is forgiven. */
  readonly outages: number;
  /** Waits until a row may send. What it is let through with goes to {@linkcode CircuitBreaker.report}. */
  enter(row: VotingRow, signal: AbortSignal): Promise<Admission>;
  /** Whether a request may still be sent, with the admission it got or without one. */
  admits(admission: Admission | undefined): boolean;
  /** What became of an attempt. */
  report(row: VotingRow, outcome: Outcome, admission: Admission | undefined, message?: string): void;
  /** The answer of an earlier run was found: the server answers, as a rule. */
  wasAlive(): void;
  /** Whether a row that has used its attempts may owe that to an outage; opens the breaker to find out. */
  suspect(row: VotingRow): boolean;
  /** Holds all others back and lets a row refused for good ask once more; `false` where that makes no sense. */
  confirm(row: VotingRow): boolean;
  /** Ends the run: nothing more is sent, and everybody who waits gets the error. */
  stop(error: unknown): void;
}

const PROBE_EVERY_MS = 5000;
const PROBE_JITTER = 0.1;
/** Every so many probes, beginning with the first, one asks what was answered before. */
const CHECK_EVERY = 3;
/** Requests at once after an outage, to begin with; one more with each answer, so doubled each round trip. */
const FIRST_READMITTED = 4;

/** Nothing is held back. */
interface Closed {
  readonly name: "closed";
}

/** An outage or the suspicion of one: one request goes every few seconds. */
interface Open {
  readonly name: "open";
  readonly since: number;
  nextProbeAt: number;
  /** Probes sent, checks among them. */
  probes: number;
  /** Whether a check has failed, so that it is an outage and not the rows; or nothing can be checked. */
  isProven: boolean;
  /** The refused row that is to ask once more before anybody else. */
  confirming: VotingRow | undefined;
}

/** The outage is over: rows come back gradually. */
interface Recovering {
  readonly name: "recovering";
  /** Those that are on their way. */
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

/**
 * Makes the breaker of one run. It opens when rows that fail outnumber those answered by twenty, when a row
 * cannot even reach the server, or when a row runs out of attempts with nothing answered since it began to fail.
 * Then one request goes every few seconds. The first repeats one that was answered before: an answer shows that
 * the rows are at fault and not the server. Otherwise it is an outage, until something is answered.
 */
export function createCircuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  return new OutageBreaker(options);
}

class OutageBreaker implements CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  readonly #probeEveryMs: number;
  readonly #failureWindow: FailureWindow;
  /** Longest waiting first; never more than there are rows in progress. */
  readonly #waiting = new WaitQueue<VotingRow, Admission>();
  #state: State = CLOSED;
  /** Counts openings, so that admissions from before one are void. */
  #period = 0;
  #outages = 0;
  #lastMessage = "";
  #cancelTimer: (() => void) | undefined;

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
    this.#failureWindow = new FailureWindow(options.clock);
    this.#probeEveryMs = options.probeEveryMs ?? PROBE_EVERY_MS;
  }

  get isClosed(): boolean {
    return this.#state === CLOSED;
  }

  get isOpen(): boolean {
    return this.#state.name === "open";
  }

  get isStopped(): boolean {
    return this.#state.name === "stopped";
  }

  get outages(): number {
    return this.#outages;
  }

  async enter(row: VotingRow, signal: AbortSignal): Promise<Admission> {
    if (this.#state.name === "stopped") throw this.#state.error;
    if (signal.aborted) this.#gaveUp(row);
    signal.throwIfAborted();
    const admission = this.#waiting.wait(row, signal, () => this.#gaveUp(row));
    this.#advance();
    return admission;
  }

  admits(admission: Admission | undefined): boolean {
    if (this.#state === CLOSED) return true;
    return this.#state.name !== "stopped" && admission?.period === this.#period;
  }

  report(row: VotingRow, outcome: Outcome, admission: Admission | undefined, message = ""): void {
    const valid = admission?.period === this.#period ? admission : undefined;
    if (valid?.kind === "row" && this.#state.name === "recovering") this.#state.readmitted -= 1;
    if (outcome === "alive") this.#alive(row, valid);
    else if (outcome === "nothing") this.#replaceProbe(valid);
    else {
      this.#lastMessage = message;
      this.#failed(row, outcome, admission);
    }
    this.#advance();
  }

  wasAlive(): void {
    this.#failureWindow.wasAlive();
  }

  suspect(row: VotingRow): boolean {
    const { name } = this.#state;
    if (name === "open" || name === "stopped") return name === "open";
    if (!this.#failureWindow.isSuspicious(row, this.#options.canCheck())) return false;
    this.#open();
    return true;
  }

  confirm(row: VotingRow): boolean {
    const { name } = this.#state;
    if (name === "stopped" || !this.#failureWindow.mayPass(row)) return false;
    if (name !== "open") this.#open(row);
    return true;
  }

  stop(error: unknown): void {
    if (this.#state.name === "stopped") return;
    this.#state = { name: "stopped", error };
    this.#cancelTimer?.();
    for (let { first } = this.#waiting; first !== undefined; first = this.#waiting.first) first.refuse(error);
  }

  /** A row waits no longer, as the run is stopping or its time is over. */
  #gaveUp(row: VotingRow): void {
    if (this.#state.name === "open" && this.#state.confirming === row) this.#state.confirming = undefined;
    this.#advance();
  }

  #alive(row: VotingRow, admission: Admission | undefined): void {
    this.#failureWindow.alive(row);
    if (this.#state.name === "recovering") this.#state.maxReadmitted += 1;
    else if (this.#state.name === "open" && admission !== undefined) this.#close(this.#state);
  }

  #failed(row: VotingRow, outcome: "failed" | "unreached", admission: Admission | undefined): void {
    const { name } = this.#state;
    if (admission?.kind === "check") {
      if (this.#state.name === "open") this.#state.isProven ||= admission.period === this.#period;
      return;
    }
    const isOutage = this.#failureWindow.failed(row, outcome, this.#outages);
    if (isOutage && (name === "closed" || name === "recovering")) this.#open();
  }

  /** A probe that told nothing, such as one cut short by its row's time limit, is made up for at once. */
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
    this.#failureWindow.forgetVotes();
    if (isProven) this.#outages += 1;
    this.#state = isProven ? { name: "recovering", readmitted: 0, maxReadmitted: FIRST_READMITTED } : CLOSED;
  }

  /** Does what is due, and sets the one timer for what will be. */
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
    // The timer is for those who wait: a run that is over leaves none behind.
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
    // The one that is to confirm may still be on its way here.
    if (waiter === undefined) return;
    const isCheck = row === undefined && state.probes % CHECK_EVERY === 0 && this.#options.canCheck();
    if (row === undefined) state.probes += 1;
    state.confirming = undefined;
    state.nextProbeAt = now + this.#probeEveryMs * (1 + PROBE_JITTER * Math.random());
    this.#admit(waiter, isCheck ? "check" : "probe");
  }

  /** Whoever waits longest, or for this row: those who fail come back at the end, so that probes go round. */
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
      `${this.#options.server} has not answered for ${seconds} s, which is as long as maxOutageMs allows; nothing more was sent. Run again when it is back. The last failure: ${this.#lastMessage}`,
      { option: "maxOutageMs" },
    );
  }
}
