import type { Row } from "@parallel-parrot/core";
import { compileCondition } from "@parallel-parrot/tidy";
import type { SelectionOptions } from "../flags/options.ts";

/** Tells whether `--when` has a row asked; `undefined` where every row is. */
export function whenTest({ when }: SelectionOptions): ((row: Row, index: number) => boolean) | undefined {
  if (when === undefined) return undefined;
  const condition = compileCondition(when);
  return (row, index) => condition.test(row, index).isTrue;
}
