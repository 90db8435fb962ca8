import { isFailed, NO_USAGE, type Item, type Row, type Usage } from "@parallel-parrot/core";
import type { Price, Provider } from "@parallel-parrot/providers";
import { compilePrompt, promptItem } from "@parallel-parrot/template";
import { priceFor, providerFor } from "../by-row/own-of.ts";
import type { RunOptions } from "../job/run-options.ts";
import { cacheOf } from "./cache-use.ts";
import { PromptCounters } from "./count-prompt.ts";
import { canBeGrouped, usageInGroup } from "./group-usage.ts";
import type { SharedPrefix } from "./sample-usage.ts";

/** What a row would use, counted on this machine. */
export interface CountedRow {
  readonly provider: Provider;
  readonly price: Price | undefined;
  /** As it would be asked. */
  readonly usage: Usage;
  /** As if it were asked alone. */
  readonly alone: Usage;
  /** Why no prompt can be made of it. */
  readonly failure?: string;
  /** The most tokens that its model takes, where its prompt is longer. */
  readonly exceeded?: number;
  readonly prefix?: SharedPrefix;
}

/** Counts what rows would use. */
export class RowCounter {
  readonly #options: RunOptions;
  readonly #prompt: ReturnType<typeof compilePrompt<Row>>;
  readonly #counters = new PromptCounters();

  constructor(options: RunOptions) {
    this.#options = options;
    this.#prompt = compilePrompt<Row>(options.prompt);
  }

  /** Makes ready for rows, which may choose among models. */
  async load(items: readonly Item[]): Promise<void> {
    for (const { row } of items) await this.#counters.load(providerFor(row, this.#options));
  }

  /** How prompts are counted, in words for the user. */
  get method(): string {
    return this.#counters.method(this.#options.provider);
  }

  /** Whether prompts have images, which are not counted. */
  get hasImages(): boolean {
    return this.#prompt.hasImages;
  }

  /** @param outputTokens those of all answers to the row */
  count({ row, index }: Item, outputTokens: number): CountedRow {
    const { n, wanted, rowsPerRequest } = this.#options;
    const item = promptItem(this.#prompt, row, index);
    const provider = providerFor(row, this.#options);
    const price = priceFor(row, this.#options);
    if (isFailed<Row>(item))
      return { provider, price, usage: NO_USAGE, alone: NO_USAGE, failure: item.failure.message };
    const counter = this.#counters.of(provider);
    const maxInputTokens = price?.maxInputTokens ?? Number.POSITIVE_INFINITY;
    // Where the API has no `n`, each choice is a request with the whole prompt.
    const requests = provider.capabilities.nativeN ? 1 : n;
    const tokens = counter.count(item.prompt, wanted.shape);
    const isTooLong = tokens > maxInputTokens;
    const alone = isTooLong
      ? usageOfTooLong(this.#options, { requests, maxInputTokens, outputTokens })
      : { ...NO_USAGE, requests, inputTokens: requests * tokens, outputTokens };
    const shared = counter.countPrefix(item.prompt, wanted.shape);
    const isGrouped = rowsPerRequest > 1 && !isTooLong && canBeGrouped(item.prompt);
    const prefix = this.#prefixOf(shared);
    return {
      provider,
      price,
      usage: isGrouped ? usageInGroup(alone, shared, rowsPerRequest) : alone,
      alone,
      ...(isTooLong ? { exceeded: maxInputTokens } : {}),
      ...(prefix === undefined ? {} : { prefix }),
    };
  }

  #prefixOf(tokens: number): SharedPrefix | undefined {
    const cache = cacheOf(this.#options);
    if (cache === undefined || this.hasImages || tokens < cache.minTokens) return undefined;
    return { tokens, isMarked: cache.isMarked };
  }
}

/** A refused request costs no tokens. With `truncate`, a shorter prompt follows, which fills the context window. */
function usageOfTooLong(
  { onContext }: RunOptions,
  {
    requests,
    maxInputTokens,
    outputTokens,
  }: Readonly<Record<"requests" | "maxInputTokens" | "outputTokens", number>>,
): Usage {
  return onContext === "truncate"
    ? { ...NO_USAGE, requests: 2 * requests, inputTokens: requests * maxInputTokens, outputTokens }
    : { ...NO_USAGE, requests };
}
