import type { Message } from "@parallel-parrot/core";
import type { Call } from "@parallel-parrot/providers";
import type { ResolvedOptions } from "../options.ts";

/** What one request is to ask for. */
export function callOf(options: ResolvedOptions, messages: readonly Message[], n: number): Call {
  const output = options.requestOutput ?? options.output;
  return { prompt: { messages }, params: options, shape: output?.shape ?? { type: "text" }, n };
}

/** Whether all choices of a row come with one request. */
export function isOneRequest({ n }: ResolvedOptions, { nativeN }: { readonly nativeN: boolean }): boolean {
  return n === 1 || nativeN;
}
