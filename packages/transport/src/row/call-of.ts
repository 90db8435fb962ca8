import type { OutputShape, Prompt, Row } from "@parallel-parrot/core";
import type { Call, GenerationParams } from "@parallel-parrot/providers";
import type { RowParams } from "../by-row/row-params.ts";
import type { ResolvedOptions } from "../options.ts";

/** What one request of a row asks for. A class for the reason of core's `Slot`. */
class RowCall implements Call {
  readonly prompt: Prompt;
  readonly params: GenerationParams;
  readonly shape: OutputShape;
  readonly n: number;

  constructor(prompt: Prompt, params: GenerationParams, shape: OutputShape, n: number) {
    this.prompt = prompt;
    this.params = params;
    this.shape = shape;
    this.n = n;
  }
}

const TEXT: OutputShape = { type: "text" };

/** Makes the call of a row. Throws where the row's own parameters cannot be used. */
export type CallOf = (row: Row, prompt: Prompt, n: number) => Call;

/**
 * Makes the function that makes the calls of one run. All have the same object as shape, and those with the same
 * parameters the same object as parameters.
 */
export function createCallOf(options: ResolvedOptions, params: RowParams): CallOf {
  const { shape = TEXT } = options.requestOutput ?? options.output ?? {};
  return (row, prompt, n) => new RowCall(prompt, params.of(row), shape, n);
}

/** Whether all choices of a row come with one request. */
export function isOneRequest({ n }: ResolvedOptions, { nativeN }: { readonly nativeN: boolean }): boolean {
  return n === 1 || nativeN;
}
