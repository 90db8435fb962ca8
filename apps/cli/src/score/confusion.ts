/** How often one label stands where another is expected. */
export class Confusion {
  /** Pairs by what is expected, then by what was given. */
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #expected = new Map<string, number>();
  readonly #given = new Map<string, number>();
  /** Pairs that were added. */
  count = 0;
  /** Pairs of one label. */
  matches = 0;

  add(expected: string, given: string): void {
    this.count += 1;
    if (expected === given) this.matches += 1;
    increase(this.#expected, expected);
    increase(this.#given, given);
    const row = this.#counts.get(expected) ?? new Map<string, number>();
    increase(row, given);
    this.#counts.set(expected, row);
  }

  /** All labels, in the order of their texts. */
  get labels(): readonly string[] {
    return [...new Set([...this.#expected.keys(), ...this.#given.keys()])].toSorted();
  }

  /** How many labels there are, expected or given. */
  get size(): number {
    return new Set([...this.#expected.keys(), ...this.#given.keys()]).size;
  }

  /** How often a label was given where another, or the same, is expected. */
  of(expected: string, given: string): number {
    return this.#counts.get(expected)?.get(given) ?? 0;
  }

  /** How often a label is expected. */
  expected(label: string): number {
    return this.#expected.get(label) ?? 0;
  }

  /** How often a label was given. */
  given(label: string): number {
    return this.#given.get(label) ?? 0;
  }

  /** The share of pairs of one label; `undefined` without pairs. */
  get accuracy(): number | undefined {
    return this.count === 0 ? undefined : this.matches / this.count;
  }

  /**
   * Cohen's kappa: by how much the agreement is above that of chance. 1 is full agreement, 0 that of chance.
   * `undefined` where both sides have the same single label, as chance then explains all.
   */
  get kappa(): number | undefined {
    if (this.count === 0) return undefined;
    let chance = 0;
    for (const [label, count] of this.#expected)
      chance += (count / this.count) * (this.given(label) / this.count);
    const agreement = this.matches / this.count;
    return chance >= 1 ? undefined : (agreement - chance) / (1 - chance);
  }
}

function increase(counts: Map<string, number>, label: string): void {
  counts.set(label, (counts.get(label) ?? 0) + 1);
}
