import type { FailureCode } from "../errors/failure.ts";
import type { Usage } from "./usage.ts";

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
  /**
   * Why the row has no answer although it has not failed: an option asked for that. There are no choices then. With
   * `CONDITION` it was not to be asked at all, and passes as it is.
   */
  readonly skipped?: Extract<FailureCode, "CONTEXT_TOO_LONG"> | "CONDITION";
}
