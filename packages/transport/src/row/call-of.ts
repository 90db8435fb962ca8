import type { Message, OutputShape, Prompt } from "@parallel-parrot/core";
import { pickParams, type Call, type GenerationParams } from "@parallel-parrot/providers";
import type { ResolvedOptions } from "../options.ts";

/** What one request of a row asks for. A class for the reason of core's `Slot`. */
class RowCall implements Call {
  readonly prompt: Prompt;
  readonly params: GenerationParams;
  readonly shape: OutputShape;
  readonly n: number;

  constructor(messages: readonly Message[], params: GenerationParams, shape: OutputShape, n: number) {
    this.prompt = { messages };
    this.params = params;
    this.shape = shape;
    this.n = n;
  }
}

const TEXT: OutputShape = { type: "text" };

/** Makes the function that makes the calls of one run. All have the same objects as parameters and as shape. */
export function createCallOf(options: ResolvedOptions): (messages: readonly Message[], n: number) => Call {
  const params = pickParams(options);
  const { shape = TEXT } = options.requestOutput ?? options.output ?? {};
  return (messages, n) => new RowCall(messages, params, shape, n);
}

/** Whether all choices of a row come with one request. */
export function isOneRequest({ n }: ResolvedOptions, { nativeN }: { readonly nativeN: boolean }): boolean {
  return n === 1 || nativeN;
}
