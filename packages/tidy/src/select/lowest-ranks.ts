interface Ranked<T> {
  readonly item: T;
  readonly position: number;
  readonly rank: number;
}

/** Keeps the items whose positions have the lowest ranks. A seed decides the ranks. */
export class LowestRanks<T> {
  readonly #size: number;
  readonly #seed: number;
  /** A heap: each has a higher rank than the two below it, so that the first has the highest of all. */
  readonly #heap: Ranked<T>[] = [];
  #position = 0;

  constructor(size: number, seed: number) {
    this.#size = size;
    this.#seed = seed;
  }

  /** Adds the next item. */
  add(item: T): void {
    const position = this.#position;
    this.#position += 1;
    const ranked = { item, position, rank: rankOf(position, this.#seed) };
    if (this.#heap.length < this.#size) {
      this.#heap.push(ranked);
      this.#rise(this.#heap.length - 1);
      return;
    }
    const [highest] = this.#heap;
    if (highest === undefined || !isHigher(highest, ranked)) return;
    this.#heap[0] = ranked;
    this.#sink();
  }

  /** The items that are kept, in the order in which they came. */
  all(): T[] {
    return this.#heap.toSorted((one, other) => one.position - other.position).map(({ item }) => item);
  }

  #rise(from: number): void {
    let place = from;
    while (place > 0) {
      const above = Math.floor((place - 1) / 2);
      if (!this.#swapIfHigher(place, above)) return;
      place = above;
    }
  }

  #sink(): void {
    let place = 0;
    for (;;) {
      const [left, right] = [2 * place + 1, 2 * place + 2];
      const [one, other] = [this.#heap[left], this.#heap[right]];
      if (one === undefined) return;
      const higher = other !== undefined && isHigher(other, one) ? right : left;
      if (!this.#swapIfHigher(higher, place)) return;
      place = higher;
    }
  }

  #swapIfHigher(below: number, above: number): boolean {
    const [lower, upper] = [this.#heap[below], this.#heap[above]];
    if (lower === undefined || upper === undefined || !isHigher(lower, upper)) return false;
    this.#heap[above] = lower;
    this.#heap[below] = upper;
    return true;
  }
}

/** Of equal ranks, that of the later position is the higher one. */
function isHigher(one: Ranked<unknown>, other: Ranked<unknown>): boolean {
  return one.rank === other.rank ? one.position > other.position : one.rank > other.rank;
}

const [LOW_SALT, HIGH_SALT] = [0x9e3779b9, 0x85ebca6b];

/** A number below 2^53 that is as good as random and always the same for a position and a seed. */
function rankOf(position: number, seed: number): number {
  const low = mix(mix((seed ^ LOW_SALT) >>> 0, seed / 2 ** 32), position);
  const high = mix(mix((low ^ HIGH_SALT) >>> 0, position / 2 ** 32), seed);
  return (high >>> 11) * 2 ** 32 + low;
}

/** Stirs 32 bits of a number into a state: the finaliser of MurmurHash3. */
function mix(state: number, number: number): number {
  let mixed = state ^ (number >>> 0);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
