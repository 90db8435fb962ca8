import type { Completion } from "./completion.ts";
import type { Failure } from "../errors/failure.ts";
import type { Prompt } from "./prompt.ts";
import type { Row } from "./row.ts";
import type { Shortening } from "./shortening.ts";
import type { Warning } from "./warning.ts";

/** A row on its way through the stages. */
export interface Item<R extends Row = Row> {
  /** 0-based position in the input. */
  readonly index: number;
  readonly row: R;
}

/** An item with the prompt rendered from its row. */
export interface Prompted<R extends Row = Row> extends Item<R> {
  readonly prompt: Prompt;
  /** Warnings about this row so far. A stage adds its own; `parseStream` puts these before its own. */
  readonly warnings?: readonly Warning[];
  /** Makes the prompt shorter where it does not fit the model. Present where `promptStream` was asked for it. */
  readonly shortener?: PromptShortener;
}

/** Makes a prompt again with less of its row's text. The same arguments give the same prompt. */
export interface PromptShortener {
  /**
   * Cuts the longest cells, so that the texts of all messages together have at most so many characters: no cell is
   * cut while a longer one is whole. Where the words between the cells alone are longer, it cuts as much as it can.
   */
  shorten(item: Prompted, characters: number): Shortening;
}

/** An item with its completion. */
export interface Completed<R extends Row = Row> extends Prompted<R> {
  readonly completion: Completion;
}

/** An item with its outputs: zero, one or many. Zero is an answer, not a failure. */
export interface Parsed<R extends Row = Row, T extends Row = Row> extends Item<R> {
  /**
   * One list per choice, in order. An output's lineage is (item index, choice number, item number): the
   * same on every run.
   */
  readonly outputs: readonly (readonly T[])[];
  /** The columns that outputs can have, as far as known beforehand: a row without outputs gets nulls there. */
  readonly columns: readonly string[];
  readonly warnings: readonly Warning[];
  /** Whether the row was not asked, as a condition says: it stays as it is, with nulls in columns that it lacks. */
  readonly passes?: true;
}

/** A row that failed. It travels on as data, and later stages pass it through. */
export interface Failed<R extends Row = Row> extends Item<R> {
  readonly failure: Failure;
}

/** Whether an item has its completion already. */
export function isCompleted<R extends Row>(item: Prompted<R>): item is Completed<R> {
  return "completion" in item;
}

/** Whether an item is a {@linkcode Failed} one. */
export function isFailed<R extends Row>(item: Item<R>): item is Failed<R> {
  return "failure" in item;
}
