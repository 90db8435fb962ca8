import { WindowSum } from "../time/window-sum.ts";

/**
 * What a server may count of a request, each stricter than the one before:
 *
 * - `used`: what it takes in the end. What is reserved for it does not count.
 * - `reserved`: what is reserved until the answer comes, then what it took.
 * - `kept`: what was reserved, whatever the answer took.
 */
type Way = "used" | "reserved" | "kept";

/** Weight of the newest answer in the mean of what is reserved and what is taken. */
const WEIGHT = 0.05;
/** If answers take at least this part of what is reserved, the ways differ too little to be told apart. */
const ALIKE = 0.95;
/** A window is full, or the bucket of a minute empty, if this part of the limit is taken, and no more than that part. */
const FULL = 0.93;
const MOST_FULL = 1.07;
const LEAST_EMPTIED = 0.75;
/** A short bucket holds no less and no more than is let in in this time. */
const LEAST_BUCKET_MS = 1000;
const MOST_BUCKET_MS = 2200;
/** So many refusals in a row, each within this time, are chance where the window is full: little is between the ways. */
const CHANCES: Readonly<Record<Way, number>> = { used: 2, reserved: 1, kept: 0 };
const EDGE_MS = 10_000;
/** Refusals within this time count once, or within the time to wait that the server names: after that there is room. */
const EPISODE_MS = 1000;
/** After so long a looser way is tried, if the limit is in use. After each try that was wrong, twice as long. */
const TRY_MS = 60_000;
const MOST_TRY_MS = 3_840_000;
/** Less of the limit in use shows nothing, and it is looked at again after a while. */
const BUSY = 0.85;
const AGAIN_MS = 5000;

/** A refusal, as far as it tells how the server counts. */
export interface TimedRefusal {
  /** When the refused request was sent. */
  readonly sentAt: number;
  /** How long to wait, where the server named it. */
  readonly retryAfterMs: number | undefined;
}

/**
 * How the server counts what requests take of one limit, as far as its refusals tell. A refusal while there should be
 * room is explained by a stricter way, if by that the limit was just reached. After a time a looser way is
 * tried, as one that is too strict shows in nothing but unused room.
 */
export class Counting {
  /** What was taken, with all that is reserved: by the way that is thought to be the server's. */
  readonly #taken: WindowSum;
  /** What answers took less than was reserved for them. */
  readonly #saved: WindowSum;
  #way: Way = "reserved";
  /** What is reserved for requests in flight. */
  #open = 0;
  #meanReserved = 0;
  #meanActual = 0;
  /** The part of what is reserved that answers take. */
  #share = 1;
  /** Refusals that came soon after one another, and the time of the last one. */
  #refusals = 0;
  #refusedAt: number = Number.NEGATIVE_INFINITY;
  #tryAt: number | undefined;
  #tryMs: number = TRY_MS;

  constructor(taken: WindowSum) {
    this.#taken = taken;
    this.#saved = new WindowSum(taken.windowMs);
  }

  /** What is reserved and will not be taken, as far as it is known and counts for nothing. */
  get spare(): number {
    return this.#way === "used" ? (1 - this.#share) * this.#open : 0;
  }

  /** The part of what is reserved that counts in the end. */
  get meanShare(): number {
    return this.#way === "kept" ? 1 : this.#share;
  }

  /** Reserves an amount; returns what of it counts. */
  reserve(amount: number): number {
    this.#open += amount;
    return this.#way === "used" ? this.#share * amount : amount;
  }

  /** An answer came. Returns what changes in the window, and what is owed more or less than before. */
  settle(
    reserved: number,
    actual: number,
    takenAt: number,
    now: number,
  ): { readonly inWindow: number; readonly owed: number } {
    this.#open -= reserved;
    const counted = this.#way === "used" ? this.#share * reserved : reserved;
    const change = actual - reserved;
    if (change < 0) this.#saved.add(-change, takenAt, now);
    const inWindow = this.#way === "kept" ? Math.max(0, change) : change;
    return { inWindow, owed: reserved + inWindow - counted + this.#learnShare(reserved, actual) };
  }

  /** A request was not processed. Returns what is owed more or less than before. */
  refund(reserved: number): number {
    this.#open -= reserved;
    return this.#way === "used" ? -this.#share * reserved : -reserved;
  }

  isFull(taken: number, limit: number): boolean {
    return taken >= FULL * limit;
  }

  /**
   * After a refusal, goes over to the next stricter way that explains it. Returns what is owed more by that; `undefined`
   * where none does.
   */
  tighten(
    limit: number,
    windowMs: number,
    { sentAt, retryAfterMs = EPISODE_MS }: TimedRefusal,
    now: number,
  ): number | undefined {
    if (this.#share > ALIKE || this.#way === "kept" || sentAt < this.#refusedAt) return undefined;
    const sinceMs = now - this.#refusedAt;
    if (sinceMs > EDGE_MS) this.#refusals = 1;
    else if (sinceMs > Math.min(EPISODE_MS, retryAfterMs)) this.#refusals += 1;
    this.#refusedAt = now;
    const isAtEdge = this.isFull(this.#taken.sum(now) - this.spare, limit);
    if (isAtEdge && this.#refusals <= CHANCES[this.#way]) return undefined;
    const saved = this.#saved.sum(now);
    const kept = this.#taken.sum(now) + saved;
    const perMs = limit / windowMs;
    if (this.#way === "used" && this.isFull(this.#taken.sum(now), limit)) {
      const owed = (1 - this.#share) * this.#open;
      this.#go("reserved", now);
      return owed;
    }
    const owed = this.#taken.mostAhead(perMs, now, this.#saved);
    const isShort = owed >= LEAST_BUCKET_MS * perMs && owed <= MOST_BUCKET_MS * perMs;
    // Any other amount speaks for a limit that is lower than was told, or that others use too. If that is ruled out, as
    // all of it is in use, the bucket of a minute may have been emptied in a little more than a minute.
    const least = isAtEdge ? LEAST_EMPTIED : FULL;
    const isEmptied = owed >= least * limit && owed <= MOST_FULL * limit;
    const isJustFull = kept >= FULL * limit && kept <= MOST_FULL * limit;
    if (!isShort && !isJustFull && !isEmptied) return undefined;
    this.#taken.addAll(this.#saved, 1, now);
    this.#go("kept", now);
    return Math.min(owed, MOST_BUCKET_MS * perMs);
  }

  /** Tries a looser way where nothing was refused for long. Returns what is owed less by that. */
  loosen(limit: number, now: number): number {
    this.#tryAt ??= now + this.#tryMs;
    if (now < this.#tryAt) return 0;
    this.#tryAt = now + AGAIN_MS;
    if (this.#way === "used" || this.#share > ALIKE || this.#taken.sum(now) < BUSY * limit) return 0;
    this.#tryAt = now + this.#tryMs;
    if (this.#way === "kept") {
      this.#taken.addAll(this.#saved, -1, now);
      this.#way = "reserved";
      return 0;
    }
    this.#way = "used";
    return 0;
  }

  #go(way: Way, now: number): void {
    this.#way = way;
    this.#tryMs = Math.min(MOST_TRY_MS, 2 * this.#tryMs);
    this.#tryAt = now + this.#tryMs;
  }

  /** Returns what is owed more for requests in flight. */
  #learnShare(reserved: number, actual: number): number {
    const weight = this.#meanReserved === 0 ? 1 : WEIGHT;
    this.#meanReserved += weight * (reserved - this.#meanReserved);
    this.#meanActual += weight * (actual - this.#meanActual);
    const before = this.#share;
    this.#share = Math.min(1, this.#meanActual / this.#meanReserved);
    return this.#way === "used" ? (this.#share - before) * this.#open : 0;
  }
}
