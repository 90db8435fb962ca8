/** What a warning is about, on a row that has not failed. A closed set: match on it. */
export type WarningCode =
  /** The token limit cut the answer off; what was complete is used. */
  | "TRUNCATED"
  /** A part of the answer is used, as the whole could not be read and asking again gave nothing better. */
  | "PARTIAL"
  /** One of several choices could not be used; the others are used. */
  | "CHOICE_DROPPED"
  /** In a vote of the choices, as many said another; the earlier choice is used. */
  | "TIED"
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

/** A warning about a row that has not failed. */
export interface Warning {
  readonly code: WarningCode;
  readonly message: string;
}
