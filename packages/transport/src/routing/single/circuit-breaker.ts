import { ParrotError } from "@parallel-parrot/core";
import type { Clock } from "@parallel-parrot/limiter";
import { isAlive, type Outcome } from "../../errors/outcome.ts";
import type { Admission } from "../../request/lease.ts";
import { WaitQueue, type Waiter } from "../../waiting/wait-queue.ts";
import type { CheckWait, OutageWait } from "../../run-wait.ts";
import type { Outage } from "../router.ts";
import { OutageEvidence, type VotingRow } from "./outage-evidence.ts";

/** Options of {@linkcode createCircuitBreaker}. */
export interface CircuitBreakerOptions {
  readonly clock: Clock;
  /** Called when it opens, with the last failure, and when it closes. */
  readonly changed?: (isOpen: boolean, message: string) => void;
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
  /** Whether a refusal is to be found out about. Then only an answer ends it, and no other sign of life. */
  isDoubted: boolean;
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
 *
 * A refusal that may be everybody's opens it as well: whoever is asked again is answered, or refused in turn.
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
  get wait(): OutageWait | CheckWait | undefined {
    const state = this.#state;
    if (state.name !== "open") return undefined;
    const sinceMs = this.#options.clock.now() - state.since;
    const ms = Math.max(this.#options.maxOutageMs - sinceMs, 0);
    if (state.isDoubted && !state.isProven) return { kind: "check", sinceMs, ms };
    return { kind: "outage", ms, isLoading: this.#isLoading, message: this.#lastMessage || undefined };
  }

  /** Waits until a row is let through. The admission is to be handed back with {@linkcode CircuitBreaker.report}. */
  async enter(row: VotingRow, signal: AbortSignal): Promise<Admission> {
    if (this.#state.name === "stopped") throw this.#state.error;
    if (signal.aborted) this.#advance();
    signal.throwIfAborted();
    const admission = this.#waiting.wait(row, signal, () => this.#advance());
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
    if (isAlive(outcome)) this.#alive(row, valid, outcome === "answered");
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

  /** Opens, to find out whether a refusal is one row's own or everybody's. */
  doubt(): void {
    if (this.#state.name === "stopped") return;
    if (this.#state.name !== "open") this.#open();
    if (this.#state.name === "open") this.#state.isDoubted = true;
  }

  /**
   * A check was refused. Returns whether that is to be believed, as a row was refused before it. Otherwise the next
   * check follows at once.
   */
  isCheckBelieved(): boolean {
    const state = this.#state;
    if (state.name !== "open" || state.isDoubted) return true;
    state.isDoubted = true;
    state.nextProbeAt = this.#options.clock.now();
    state.probes = 0;
    return false;
  }

  /** Ends the run: nothing more is sent, and all rows that wait get the error. */
  stop(error: unknown): void {
    if (this.#state.name === "stopped") return;
    this.#state = { name: "stopped", error };
    this.#cancelTimer?.();
    for (let { first } = this.#waiting; first !== undefined; first = this.#waiting.first) first.refuse(error);
  }

  #alive(row: VotingRow, admission: Admission | undefined, isAnswer: boolean): void {
    this.#evidence.alive(row);
    const state = this.#state;
    if (state.name === "recovering") state.maxReadmitted += 1;
    else if (state.name === "open" && admission !== undefined && (isAnswer || !state.isDoubted))
      this.#close(state);
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

  #open(): void {
    const now = this.#options.clock.now();
    const isProven = !this.#options.canCheck();
    this.#state = { name: "open", since: now, nextProbeAt: now, probes: 0, isProven, isDoubted: false };
    this.#period += 1;
    this.#options.changed?.(true, this.#lastMessage);
  }

  #close({ isProven }: Open): void {
    this.#evidence.forgetVotes();
    if (isProven) this.#outages += 1;
    this.#state = isProven ? { name: "recovering", readmitted: 0, maxReadmitted: FIRST_READMITTED } : CLOSED;
    this.#options.changed?.(false, "");
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
    // Rows that fail come back at the end, so that probes go round.
    const waiter = this.#waiting.first;
    if (waiter === undefined) return;
    const isCheck = state.probes % CHECK_EVERY === 0 && this.#options.canCheck();
    state.probes += 1;
    state.nextProbeAt = now + this.#probeEveryMs * (1 + PROBE_JITTER * Math.random());
    this.#admit(waiter, isCheck ? "check" : "probe");
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
