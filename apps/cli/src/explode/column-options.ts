import type { ExplodeColumnOptions } from "@parallel-parrot/tidy";
import { sourceOptionsOf } from "../input/source-options.ts";
import type { EXPLODE_FLAGS } from "../flags/commands/explode-flags.ts";
import type { ValuesOf } from "../flags/flag.ts";

/** Options of `parrot explode`. */
export type ExplodeFlags = ValuesOf<typeof EXPLODE_FLAGS>;

/** How a column is exploded, by the options of the command. */
export function columnOptions(options: ExplodeFlags): ExplodeColumnOptions {
  const { column, onCollision, onEmpty } = options;
  const { longNumbers } = sourceOptionsOf(options);
  return {
    column,
    collision: onCollision,
    empty: onEmpty,
    ...(longNumbers === undefined ? {} : { longNumbers }),
  };
}
