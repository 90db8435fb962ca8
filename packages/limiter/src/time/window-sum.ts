/** A power of two. Amounts leave the window in steps of a thousandth of it. */
const BINS = 1024;

/**
 * The sum of what was added in the last `windowMs`, in constant memory. Amounts leave the window up to a
 * thousandth of it too late, never too early.
 */
export class WindowSum {
  readonly windowMs: number;
  readonly #binMs: number;
  readonly #bins: Float64Array = new Float64Array(BINS);
  /** Number of the newest bin, counted from time 0. */
  #newest = 0;
  #sum = 0;

  constructor(windowMs: number) {
    this.windowMs = windowMs;
    this.#binMs = windowMs / (BINS - 1);
  }

  /** What the window holds. */
  sum(now: number): number {
    this.#expire(now);
    return this.#sum;
  }

  /** Adds an amount as of `at`; one that has left the window already changes nothing. */
  add(amount: number, at: number, now: number): void {
    this.#expire(now);
    const bin = Math.floor(at / this.#binMs);
    if (bin <= this.#newest - BINS) return;
    const slot = bin & (BINS - 1);
    this.#bins[slot] = (this.#bins[slot] ?? 0) + amount;
    this.#sum += amount;
  }

  /** What was added in the last `ms` of the window. */
  recent(ms: number, now: number): number {
    this.#expire(now);
    const count = Math.min(BINS, Math.ceil(ms / this.#binMs));
    let sum = 0;
    for (let bin = this.#newest; bin > this.#newest - count; bin--) sum += this.#bins[bin & (BINS - 1)] ?? 0;
    return sum;
  }

  /** When at least `amount` of what the window holds now will have left it. */
  freedAt(amount: number, now: number): number {
    this.#expire(now);
    let freed = 0;
    for (let bin = this.#newest - BINS + 1; bin <= this.#newest; bin++) {
      freed += this.#bins[bin & (BINS - 1)] ?? 0;
      if (freed >= amount) return (bin + BINS) * this.#binMs;
    }
    return now + this.windowMs;
  }

  /** The most that any time until now held beyond `perMs` for each of its milliseconds, another sum included. */
  mostAhead(perMs: number, now: number, other: WindowSum): number {
    this.#expire(now);
    other.#expire(now);
    let held = 0;
    let most = 0;
    for (let bin = this.#newest; bin > this.#newest - BINS; bin--) {
      held += (this.#bins[bin & (BINS - 1)] ?? 0) + (other.#bins[bin & (BINS - 1)] ?? 0);
      most = Math.max(most, held - perMs * (now - bin * this.#binMs));
    }
    return most;
  }

  /** Adds a multiple of all that another sum of the same window holds. */
  addAll(other: WindowSum, factor: number, now: number): void {
    this.#expire(now);
    other.#expire(now);
    for (let slot = 0; slot < BINS; slot++)
      this.#bins[slot] = (this.#bins[slot] ?? 0) + factor * (other.#bins[slot] ?? 0);
    this.#sum += factor * other.#sum;
  }

  #expire(now: number): void {
    const bin = Math.floor(now / this.#binMs);
    if (bin <= this.#newest) return;
    if (bin - this.#newest >= BINS) {
      this.#bins.fill(0);
      this.#newest = bin;
      this.#sum = 0;
      return;
    }
    while (this.#newest < bin) {
      this.#newest += 1;
      const slot = this.#newest & (BINS - 1);
      this.#sum -= this.#bins[slot] ?? 0;
      this.#bins[slot] = 0;
    }
  }
}
