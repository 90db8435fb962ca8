/** What was answered per millisecond. */
export interface Throughput {
  readonly work: number;
  /** Number of answers. It says less than their work, but varies less where a few answers are very long. */
  readonly answers: number;
}

/** What a stretch of answers showed. */
export interface Measurement {
  readonly throughput: Throughput;
  /** Median milliseconds per unit of work. */
  readonly pace: number;
  /** Mean milliseconds of an answer. */
  readonly latencyMs: number;
}

const MAX_SAMPLES = 256;

/** Measures answers over a stretch that ends when enough have come. */
export class ThroughputSample {
  readonly #samples: Float64Array = new Float64Array(MAX_SAMPLES);
  #count = 0;
  #work = 0;
  #latencyMs = 0;
  #startedAt = 0;

  /** Answers so far. */
  get count(): number {
    return this.#count;
  }

  start(now: number): void {
    this.#count = 0;
    this.#work = 0;
    this.#latencyMs = 0;
    this.#startedAt = now;
  }

  add(latencyMs: number, work: number): void {
    // With more answers than samples, newer ones replace the oldest.
    this.#samples[this.#count % MAX_SAMPLES] = latencyMs / work;
    this.#count += 1;
    this.#work += work;
    this.#latencyMs += latencyMs;
  }

  measure(now: number): Measurement {
    const samples = this.#samples.slice(0, Math.min(this.#count, MAX_SAMPLES)).toSorted();
    const elapsedMs = Math.max(now - this.#startedAt, 1e-3);
    return {
      throughput: { work: this.#work / elapsedMs, answers: this.#count / elapsedMs },
      pace: samples[samples.length >> 1] ?? 0,
      latencyMs: this.#latencyMs / Math.max(this.#count, 1),
    };
  }
}

/** How much more one stretch brought than another, by the mean of work and answers: either alone varies too much. */
export function gainOf(throughput: Throughput, reference: Throughput): number {
  return (throughput.work / reference.work + throughput.answers / reference.answers) / 2;
}
