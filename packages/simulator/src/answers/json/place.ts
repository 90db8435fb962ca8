import type { Content } from "../prose/content.ts";

/** Where in an answer a value stands. */
export interface Place {
  readonly root: unknown;
  readonly content: Content;
  /** The nearest key above. */
  readonly key: string;
  /** The position in the nearest list above, from the choice's own beginning. */
  readonly index: number;
  readonly depth: number;
}
