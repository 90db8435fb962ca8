import type { Content } from "../prose/content.ts";

/** The place of a value in an answer. */
export interface Place {
  readonly root: unknown;
  readonly content: Content;
  /** The key of the value, or of the list that it is in. */
  readonly key: string;
  /** The value's position in the list that it is in, counted from the number of the choice. */
  readonly index: number;
  readonly depth: number;
  /** Counts the values of the whole answer. */
  readonly count: { values: number };
}
