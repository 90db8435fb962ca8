import type { BenchOptions } from "./bench-options.ts";

/** What every part of the bench is given. */
export interface BenchContext {
  readonly options: BenchOptions;
  /** Of its own, gone afterwards. */
  readonly folder: string;
}
