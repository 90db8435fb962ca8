import { isFailed, type Item, type Row } from "@parallel-parrot/core";
import { isPromptError } from "@parallel-parrot/providers";
import { compilePrompt, promptItem } from "@parallel-parrot/template";
import type { RunOptions } from "../job/run-options.ts";

/** As long as the key of a request. */
const KEY = "k".repeat(43);

/** About how many bytes the request of a row takes as a line of a batch; 0 where that is not known. */
export function lineBytes(items: readonly Item[], { provider, prompt, wanted }: RunOptions): number {
  const { batch } = provider;
  if (batch === undefined) return 0;
  const compiled = compilePrompt<Row>(prompt);
  const lengths = items.flatMap(({ row, index }) => {
    const item = promptItem(compiled, row, index);
    if (isFailed<Row>(item)) return [];
    const call = { prompt: item.prompt, params: {}, shape: wanted.shape, n: 1 };
    try {
      return [Buffer.byteLength(batch.writeLine(provider.buildRequest(call, new Set()), KEY))];
    } catch (error) {
      // It is asked directly.
      if (isPromptError(error)) return [];
      throw error;
    }
  });
  return lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length);
}
