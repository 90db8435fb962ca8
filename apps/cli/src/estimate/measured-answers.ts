import type { Item, Usage } from "@parallel-parrot/core";

/** Answers of a model whose prompts are counted too, to see how far that count is off. */
const MAX_EXAMPLES = 50;

/** A row that the journal has an answer to, and what that took. */
export interface Example {
  readonly item: Item;
  readonly usage: Usage;
}

/** What the answers of one model took. */
export interface MeasuredModel {
  readonly rows: number;
  /** Output tokens of the answers to a row, on average. */
  readonly tokensPerRow: number;
  /** The first rows whose usage the server has told. */
  readonly examples: readonly Example[];
}

/** What the answers in the journal took, by the model that gave them. */
export class MeasuredAnswers {
  readonly #byModel = new Map<string, { rows: number; outputTokens: number; examples: Example[] }>();

  add(model: string, { item, usage }: Example): void {
    const known = this.#byModel.get(model) ?? { rows: 0, outputTokens: 0, examples: [] };
    this.#byModel.set(model, known);
    known.rows += 1;
    known.outputTokens += usage.outputTokens;
    if (usage.inputTokens > 0 && known.examples.length < MAX_EXAMPLES) known.examples.push({ item, usage });
  }

  /** Rows with an answer, of all models together. */
  get rows(): number {
    return Array.from(this.#byModel.values(), ({ rows }) => rows).reduce((sum, rows) => sum + rows, 0);
  }

  /** The mean of the output tokens of a row, of all models together. */
  get tokensPerRow(): number {
    const tokens = Array.from(this.#byModel.values(), ({ outputTokens }) => outputTokens);
    return Math.round(tokens.reduce((sum, each) => sum + each, 0) / Math.max(1, this.rows));
  }

  /** `undefined` where no answer is of this model. */
  of(model: string): MeasuredModel | undefined {
    const known = this.#byModel.get(model);
    if (known === undefined) return undefined;
    const { rows, outputTokens, examples } = known;
    return { rows, examples, tokensPerRow: Math.round(outputTokens / rows) };
  }
}
