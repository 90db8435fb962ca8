/** A sample of a stream, and how much there was to choose from. */
export interface RandomSample<T> {
  readonly items: readonly T[];
  /** Items seen in all. */
  readonly total: number;
}

/**
 * Draws `size` items from a stream of any length in one pass, each with the same chance, and holds no more than
 * those (reservoir sampling, algorithm R). The same seed draws the same positions.
 */
export async function randomSample<T>(
  source: AsyncIterable<T>,
  size: number,
  seed: number,
): Promise<RandomSample<T>> {
  const random = seededRandom(seed);
  const items: T[] = [];
  let total = 0;
  for await (const item of source) {
    total += 1;
    if (items.length < size) {
      items.push(item);
    } else {
      const position = Math.floor(random() * total);
      if (position < size) items[position] = item;
    }
  }
  return { items, total };
}

/** Mulberry32: small, fast, and good enough to draw rows. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
