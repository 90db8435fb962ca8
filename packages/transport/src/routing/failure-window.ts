import type { Clock } from "@parallel-parrot/limiter";

/** Rows by which those that fail must outnumber those that are answered. */
const MAX_EXCESS = 20;
/** How often in a row one row must not reach the server, with nothing else answered meanwhile. */
const MAX_UNREACHED = 3;
/** A row that used its attempts in less time than this cannot tell an outage from a short trouble. */
const SUSPICIOUS_MS = 5000;

/** What is known of a row that failed. */
interface Health {
  /** The number of outages when it failed first: it has one vote between two outages. */
  outages: number;
  failingSince: number;
  unreached: number;
  wasRefused: boolean;
}

/** What speaks for an outage and what against it. Before the first answer, of this run or an earlier one, nothing does. */
export class FailureWindow {
  readonly #clock: Clock;
  readonly #health = new WeakMap<object, Health>();
  /** A walk that goes up for each row that fails and down for each answer, and never below zero. */
  #excess = 0;
  #lastAliveAt: number | undefined;
  /** Whether anybody was answered in this run. */
  #isAnswered = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  alive(row: object): void {
    this.#isAnswered = true;
    this.#lastAliveAt = this.#clock.now();
    this.#excess = Math.max(0, this.#excess - 1);
    const health = this.#health.get(row);
    if (health !== undefined) Object.assign(health, { unreached: 0, wasRefused: false });
  }

  /** Somebody was answered before this run. */
  wasAlive(): void {
    this.#lastAliveAt ??= this.#clock.now();
  }

  /** Whether it is enough now to suspect an outage. */
  failed(row: object, outcome: "failed" | "unreached", outages: number): boolean {
    const health = this.#healthOf(row);
    const isFirst = health.outages !== outages;
    if (isFirst) Object.assign(health, { outages, failingSince: this.#clock.now() });
    health.unreached = outcome === "unreached" ? health.unreached + 1 : 0;
    if (this.#lastAliveAt === undefined) return false;
    if (isFirst) this.#excess += 1;
    return this.#excess >= MAX_EXCESS || (health.unreached >= MAX_UNREACHED && this.#isAlone(health));
  }

  forgetVotes(): void {
    this.#excess = 0;
  }

  /** Whether a row that has used its attempts may owe that to an outage. */
  isSuspicious(row: object, canCheck: boolean): boolean {
    const health = this.#health.get(row);
    if (health === undefined || !this.#isAlone(health)) return false;
    return health.unreached > 0 || (canCheck && this.#clock.now() - health.failingSince >= SUSPICIOUS_MS);
  }

  /** Whether a refusal for good may pass: after answers of this run, and where it is the row's first. */
  mayPass(row: object): boolean {
    if (!this.#isAnswered) return false;
    const health = this.#healthOf(row);
    if (health.wasRefused) return false;
    health.wasRefused = true;
    return true;
  }

  #healthOf(row: object): Health {
    const known = this.#health.get(row);
    if (known !== undefined) return known;
    const health = { outages: -1, failingSince: 0, unreached: 0, wasRefused: false };
    this.#health.set(row, health);
    return health;
  }

  /** Whether nothing was answered since a row began to fail. */
  #isAlone({ failingSince }: Health): boolean {
    return this.#lastAliveAt !== undefined && this.#lastAliveAt < failingSince;
  }
}
