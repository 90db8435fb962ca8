import type { Failure, FailureCode } from "./failure.ts";
import type { Row } from "./row.ts";
import type { PromptShortener } from "./shortening.ts";
import type { Usage } from "./usage.ts";

/** A row on its way through the stages. */
export interface Item<R extends Row = Row> {
  /** 0-based position in the input. */
  readonly index: number;
  readonly row: R;
}

/** An image in a prompt: by its address, which the provider fetches, or by its bytes. */
export type ImagePart =
  /** An `http` or `https` URL. */
  | { readonly url: string }
  /** The bytes in base64, without a `data:` prefix, and what they are, such as `image/png`. */
  | { readonly mediaType: string; readonly data: string };

/** One turn of a conversation. */
export interface Message {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
  /** Images that go with the text of a user turn, in order; the text comes first. */
  readonly images?: readonly ImagePart[];
}

/** What to ask: the whole conversation, system message first where there is one, a user turn last. */
export interface Prompt {
  readonly messages: readonly Message[];
}

/** An item with the prompt rendered from its row. */
export interface Prompted<R extends Row = Row> extends Item<R> {
  readonly prompt: Prompt;
  /** What is worth telling of this row so far; a stage adds to it, and `parseStream` puts it before its own. */
  readonly warnings?: readonly Warning[];
  /** Makes the prompt shorter where it does not fit the model; there where `promptStream` was asked for it. */
  readonly shortener?: PromptShortener;
}

/** Why the model stopped, in one closed set for all providers. */
export type FinishReason =
  /** The answer is complete. */
  | "stop"
  /** The token limit cut it off. */
  | "length"
  | "content_filter"
  | "refusal"
  /** Anything else, such as a tool call. */
  | "other";

/** One of the answers to a prompt. */
export interface Choice {
  readonly text: string;
  readonly finishReason: FinishReason;
  /** What the model thought, where the API gives it apart from the text. */
  readonly thoughts?: string;
  /** The tool that the model called in place of a text; `text` is then the call's arguments as JSON. */
  readonly toolCall?: string;
}

/** What came back for one prompt. */
export interface Completion {
  /** In the provider's order; fanned-out replicates in the order asked. */
  readonly choices: readonly Choice[];
  /** All that was paid for this row, failed attempts and re-asks included. */
  readonly usage: Usage;
  /** Requests sent for this row, the throttled ones included. */
  readonly attempts: number;
  /** The model that answered, as the provider names it. */
  readonly model: string;
  /** Why the row was left without an answer and has not failed either, as an option says; then there are no choices. */
  readonly skipped?: Extract<FailureCode, "CONTEXT_TOO_LONG">;
}

/** An item with its completion. */
export interface Completed<R extends Row = Row> extends Prompted<R> {
  readonly completion: Completion;
}

/** What can be worth telling of a row that has not failed. A closed set: match on it. */
export type WarningCode =
  /** The token limit cut the answer off; what was complete is used. */
  | "TRUNCATED"
  /** A part of the answer is used, as the whole could not be read and asking again gave nothing better. */
  | "PARTIAL"
  /** One of several choices could not be used; the others are used. */
  | "CHOICE_DROPPED"
  /** Items of a list that did not fit were left out; the others are used. */
  | "ITEM_DROPPED"
  /** The JSON was broken and was repaired before it could be read. */
  | "REPAIRED"
  /** Keys or values were not quite those asked for, and were read as the only ones that fit. */
  | "ADJUSTED"
  /** The prompt did not fit the model's context window, and a text in it was shortened. */
  | "PROMPT_SHORTENED"
  /** The prompt had halves of surrogate pairs in it, which no request can carry; each was replaced by U+FFFD. */
  | "PROMPT_MENDED"
  /** The prompt did not fit the model's context window, and the row was left without an answer. */
  | "PROMPT_SKIPPED";

/** Something worth telling of a row that has not failed. */
export interface Warning {
  readonly code: WarningCode;
  readonly message: string;
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
}

/** A row that failed: it travels on as data, and the stages behind let it by. */
export interface Failed<R extends Row = Row> extends Item<R> {
  readonly failure: Failure;
}

/** Whether an item is a {@linkcode Failed} one. */
export function isFailed<R extends Row>(item: Item<R>): item is Failed<R> {
  return "failure" in item;
}
