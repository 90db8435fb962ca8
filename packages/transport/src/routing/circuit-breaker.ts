import { ParrotError } from "@parallel-parrot/core";
import type { Clock } from "@parallel-parrot/limiter";
import type { Outcome } from "../errors/outcome.ts";
import { FailureWindow, type VotingRow } from "./failure-window.ts";

/** Leave to send while the breaker is not closed. Hand it back with {@linkcode CircuitBreaker.report}. */
export interface Ticket {
  /** `check`: not the row's own request but one that was answered before is to be sent. */
  readonly kind: "row" | "probe" | "check";
  readonly period: number;
}

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
  /** Waits for leave to send. */
  enter(row: VotingRow, signal: AbortSignal): Promise<Ticket>;
  /** Whether a request may still be sent, with the ticket it got or without one. */
  admits(ticket: Ticket | undefined): boolean;
  /** What became of an attempt. */
  report(row: VotingRow, outcome: Outcome, ticket: Ticket | undefined, message?: string): void;
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

interface Waiter {
  readonly row: VotingRow;
  readonly admit: (ticket: Ticket) => void;
  readonly reject: (error: unknown) => void;
}

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
  readonly #waiting = new Set<Waiter>();
  #state: "closed" | "open" | "recovering" | "stopped" = "closed";
  /** Counts openings, so that tickets from before one are void. */
  #period = 0;
  #outages = 0;
  #lastMessage = "";
  #openedAt = 0;
  #nextProbeAt = 0;
  #probes = 0;
  #isProven = false;
  #confirming: object | undefined;
  #readmitted = 0;
  #maxReadmitted = 0;
  #stopError: unknown;
  #cancelTimer: (() => void) | undefined;

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
    this.#failureWindow = new FailureWindow(options.clock);
    this.#probeEveryMs = options.probeEveryMs ?? PROBE_EVERY_MS;
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  get isStopped(): boolean {
    return this.#state === "stopped";
  }

  get outages(): number {
    return this.#outages;
  }

  enter(row: VotingRow, signal: AbortSignal): Promise<Ticket> {
    const { promise, resolve, reject } = Promise.withResolvers<Ticket>();
    const waiter: Waiter = { row, admit: resolve, reject };
    const abort = (): void => {
      this.#waiting.delete(waiter);
      if (this.#confirming === row) this.#confirming = undefined;
      reject(signal.reason);
      this.#advance();
    };
    if (this.#state === "stopped") reject(this.#stopError);
    else if (signal.aborted) abort();
    else {
      signal.addEventListener("abort", abort, { once: true });
      this.#waiting.add(waiter);
      this.#advance();
    }
    return promise.finally(() => signal.removeEventListener("abort", abort));
  }

  admits(ticket: Ticket | undefined): boolean {
    if (this.#state === "closed") return true;
    return this.#state !== "stopped" && ticket?.period === this.#period;
  }

  report(row: VotingRow, outcome: Outcome, ticket: Ticket | undefined, message = ""): void {
    const valid = ticket?.period === this.#period ? ticket : undefined;
    if (valid?.kind === "row") this.#readmitted -= 1;
    if (outcome === "alive") this.#alive(row, valid);
    else if (outcome === "nothing") this.#replaceProbe(valid);
    else {
      this.#lastMessage = message;
      this.#failed(row, outcome, ticket);
    }
    this.#advance();
  }

  wasAlive(): void {
    this.#failureWindow.wasAlive();
  }

  suspect(row: VotingRow): boolean {
    if (this.#state === "open") return true;
    if (this.#state === "stopped") return false;
    if (!this.#failureWindow.isSuspicious(row, this.#options.canCheck())) return false;
    this.#open();
    return true;
  }

  confirm(row: VotingRow): boolean {
    if (this.#state === "stopped" || !this.#failureWindow.mayPass(row)) return false;
    if (this.#state !== "open") {
      this.#open();
      this.#confirming = row;
    }
    return true;
  }

  stop(error: unknown): void {
    if (this.#state === "stopped") return;
    this.#state = "stopped";
    this.#stopError = error;
    this.#cancelTimer?.();
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  #alive(row: VotingRow, ticket: Ticket | undefined): void {
    this.#failureWindow.alive(row);
    this.#maxReadmitted += 1;
    if (this.#state === "open" && ticket !== undefined) this.#close();
  }

  #failed(row: VotingRow, outcome: "failed" | "unreached", ticket: Ticket | undefined): void {
    if (ticket?.kind === "check") {
      this.#isProven ||= ticket.period === this.#period;
      return;
    }
    const isCounted = this.#state === "closed" || this.#state === "recovering";
    const isOutage = this.#failureWindow.failed(row, outcome, this.#outages);
    if (isCounted && isOutage) this.#open();
  }

  /** A probe that told nothing, such as one cut short by its row's time limit, is made up for at once. */
  #replaceProbe(ticket: Ticket | undefined): void {
    if (ticket === undefined || ticket.kind === "row") return;
    this.#nextProbeAt = this.#options.clock.now();
    if (ticket.kind === "check") this.#probes = 0;
  }

  #open(): void {
    this.#state = "open";
    this.#period += 1;
    this.#openedAt = this.#options.clock.now();
    this.#nextProbeAt = this.#openedAt;
    this.#probes = 0;
    this.#isProven = !this.#options.canCheck();
  }

  #close(): void {
    this.#state = this.#isProven ? "recovering" : "closed";
    if (this.#isProven) this.#outages += 1;
    this.#failureWindow.forgetVotes();
    this.#confirming = undefined;
    this.#readmitted = 0;
    this.#maxReadmitted = FIRST_READMITTED;
  }

  /** Does what is due, and sets the one timer for what will be. */
  #advance(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#state === "closed" || this.#state === "recovering") this.#readmit();
    if (this.#state !== "open" || this.#waiting.size === 0) return;
    const now = this.#options.clock.now();
    const endAt = this.#openedAt + this.#options.maxOutageMs;
    if (now >= endAt) {
      this.stop(this.#outageError(now));
      return;
    }
    if (now >= this.#nextProbeAt) this.#probe(now);
    // The timer is for those who wait: a run that is over leaves none behind.
    if (this.#waiting.size === 0) return;
    const nextAt = this.#nextProbeAt > now ? Math.min(this.#nextProbeAt, endAt) : endAt;
    this.#cancelTimer = this.#options.clock.after(nextAt - now, () => this.#advance());
  }

  #readmit(): void {
    const hasRoom = (): boolean => this.#state === "closed" || this.#readmitted < this.#maxReadmitted;
    for (const waiter of this.#waiting) {
      if (!hasRoom()) break;
      this.#readmitted += 1;
      this.#admit(waiter, "row");
    }
    if (this.#waiting.size === 0) this.#state = "closed";
  }

  #probe(now: number): void {
    const row = this.#confirming;
    // Whoever waits longest: those who fail come back at the end, so that probes go round.
    const waiter = this.#waiting.values().find((one) => row === undefined || one.row === row);
    // The one that is to confirm may still be on its way here.
    if (waiter === undefined) return;
    const isCheck = row === undefined && this.#probes % CHECK_EVERY === 0 && this.#options.canCheck();
    if (row === undefined) this.#probes += 1;
    this.#confirming = undefined;
    this.#nextProbeAt = now + this.#probeEveryMs * (1 + PROBE_JITTER * Math.random());
    this.#admit(waiter, isCheck ? "check" : "probe");
  }

  #admit(waiter: Waiter, kind: Ticket["kind"]): void {
    this.#waiting.delete(waiter);
    waiter.admit({ kind, period: this.#period });
  }

  #outageError(now: number): ParrotError {
    const seconds = Math.round((now - this.#openedAt) / 1000);
    return new ParrotError(
      "OUTAGE",
      `${this.#options.server} has not answered for ${seconds} s, which is as long as maxOutageMs allows; nothing more was sent. Run again when it is back. The last failure: ${this.#lastMessage}`,
      { option: "maxOutageMs" },
    );
  }
}
