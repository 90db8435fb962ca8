import { counted, type Item, type Row, type Usage } from "@parallel-parrot/core";
import { costOf } from "@parallel-parrot/transport";
import { providerFor } from "../by-row/own-of.ts";
import type { RunOptions } from "../job/run-options.ts";
import type { MeasuredAnswers } from "./measured-answers.ts";
import { RowCounter, type CountedRow } from "./row-counter.ts";
import type { RowUsage, SampleUsage } from "./sample-usage.ts";

/** What is known of answers before any is asked for. */
export interface KnownAnswers {
  /** How long they are, as it is assumed; `undefined` where nothing is. */
  readonly assumed: number | undefined;
  /** Those to rows of this job in the journal. */
  readonly measured: MeasuredAnswers;
}

/**
 * Counts what the sampled rows would use, without sending anything. An answer is taken to have as many tokens as is
 * assumed, or as those in the journal, or else as the cap. What those in the journal took also says how far the count of
 * a prompt is off.
 */
export async function countSample(
  items: readonly Item[],
  options: RunOptions,
  known: KnownAnswers,
): Promise<SampleUsage> {
  const { rowsPerRequest } = options;
  const counter = new RowCounter(options);
  await counter.load(items);
  const ratios = new InputRatios(counter, known.measured);
  const rows = items.map((item) => counter.count(item, outputTokensOf(item.row, options, known)));
  const failures = rows.flatMap(({ failure }) => failure ?? []);
  const exceeded = rows.flatMap((row) => row.exceeded ?? []);
  const prefix = rows.find((row) => row.prefix !== undefined)?.prefix;
  const priced = (row: CountedRow, usage: Usage): RowUsage => {
    const { price, exceeded: isCut } = row;
    const set = isCut === undefined ? ratios.apply(row, usage) : usage;
    return { usage: set, cost: price === undefined ? undefined : costOf(set, price) };
  };
  return {
    rows: rows.map((row) => priced(row, row.usage)),
    method: `${counter.method}${ratios.describe()}`,
    withoutImages: counter.hasImages,
    output: outputOf(options, known),
    ...(prefix === undefined ? {} : { prefix }),
    ...(rowsPerRequest === 1 ? {} : { alone: rows.map((row) => priced(row, row.alone)) }),
    ...(exceeded.length === 0
      ? {}
      : { tooLong: { rows: exceeded.length, maxInputTokens: exceeded.at(-1) ?? 0 } }),
    failed: failures.length,
    firstFailure: failures[0],
  };
}

/** How many tokens servers count for each that is counted here, by model, as answers in the journal show. */
class InputRatios {
  readonly #counter: RowCounter;
  readonly #measured: MeasuredAnswers;
  readonly #byModel = new Map<string, number>();
  #examples = 0;

  constructor(counter: RowCounter, measured: MeasuredAnswers) {
    this.#counter = counter;
    this.#measured = measured;
  }

  apply({ provider: { model } }: CountedRow, usage: Usage): Usage {
    const ratio = this.#byModel.get(model) ?? this.#find(model);
    this.#byModel.set(model, ratio);
    return { ...usage, inputTokens: usage.inputTokens * ratio };
  }

  /** What was set right, in words that follow the method; nothing where nothing was. */
  describe(): string {
    const ratios = [...new Set(Array.from(this.#byModel.values(), (ratio) => ratio.toFixed(2)))];
    if (this.#examples === 0) return "";
    return `, times ${ratios.join(" or ")}, as ${counted(this.#examples, "answer")} in the journal took`;
  }

  #find(model: string): number {
    const { examples = [] } = this.#measured.of(model) ?? {};
    const counts = examples.map(({ item }) => this.#counter.count(item, 0).usage.inputTokens);
    const here = counts.reduce((sum, tokens) => sum + tokens, 0);
    const there = examples.reduce((sum, { usage }) => sum + usage.inputTokens, 0);
    if (here === 0 || there === 0) return 1;
    this.#examples += examples.length;
    return there / here;
  }
}

function outputTokensOf(row: Row, options: RunOptions, { assumed, measured }: KnownAnswers): number {
  const { n } = options;
  if (assumed !== undefined) return assumed * n;
  const known = measured.of(providerFor(row, options).model)?.tokensPerRow;
  return known ?? (measured.rows > 0 ? measured.tokensPerRow : (maxTokensOf(row, options) ?? 0) * n);
}

/** The cap of the answer to a row, which may be its own. */
function maxTokensOf(row: Row, { rowParams, maxTokens }: RunOptions): number | undefined {
  try {
    return rowParams?.(row).maxTokens ?? maxTokens;
  } catch {
    // The row fails when it is asked, with the reason.
    return maxTokens;
  }
}

function outputOf({ n, maxTokens }: RunOptions, { assumed, measured }: KnownAnswers): SampleUsage["output"] {
  if (assumed !== undefined) return { basis: "assumed", tokensPerRow: assumed * n };
  const { rows, tokensPerRow } = measured;
  if (rows > 0) return { basis: "journal", rows, tokensPerRow };
  return maxTokens === undefined ? { basis: "unknown" } : { basis: "cap", tokensPerRow: maxTokens * n };
}
