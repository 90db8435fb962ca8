import type { GenerationParams, Price } from "@parallel-parrot/providers";

/** After so many requests in succession that gave no row an answer, rows are asked alone. */
const MAX_FRUITLESS = 3;

/** How many rows may go into one request, as far as that is known by now. */
export class GroupSize {
  #most: number;
  readonly #maxOutputTokens: number | undefined;
  #fruitless = 0;

  constructor(rowsPerRequest: number, price: Pick<Price, "maxOutputTokens"> | undefined) {
    this.#most = rowsPerRequest;
    this.#maxOutputTokens = price?.maxOutputTokens;
  }

  /** Whatever their parameters are. */
  get most(): number {
    return this.#most;
  }

  /** The most rows with these parameters: the caps of their answers together are the cap of the response. */
  mostWith({ maxTokens }: GenerationParams): number {
    if (maxTokens === undefined || this.#maxOutputTokens === undefined) return this.#most;
    return Math.min(this.#most, Math.floor(this.#maxOutputTokens / maxTokens));
  }

  /** Requests for so many rows are too long, or their answers are. */
  wasTooLong(rows: number): void {
    this.#most = Math.min(this.#most, Math.max(1, Math.floor(rows / 2)));
  }

  /** A request was answered, or refused for good. @param answered the rows that got an answer by it */
  ended(answered: number): void {
    this.#fruitless = answered === 0 ? this.#fruitless + 1 : 0;
    if (this.#fruitless >= MAX_FRUITLESS) this.#most = 1;
  }
}
