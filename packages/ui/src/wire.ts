/**
 * What the server tells the page, as JSON. The page is given texts, numbers and plain data alone, never markup: whatever
 * a model has answered is shown as the characters that it is.
 */

import type { LiveRun } from "./live-run.ts";

/** What became of a row. `missing`: the journal has no answer of it that counts. */
export const ROW_STATES = ["answered", "failed", "passed", "missing"] as const;
export type RowState = (typeof ROW_STATES)[number];

/** How a run stands, in the words of `parrot journal show`. */
export type RunStanding = "running" | "stopped" | "finished" | "killed" | "refused";

/** What a person has said of an answer. */
export interface RowLabel {
  readonly verdict?: "good" | "bad";
  readonly note?: string;
}

/** Rows by what a person has said of them. A row with a note may have a verdict, too. */
export interface LabelCounts {
  readonly good: number;
  readonly bad: number;
  readonly noted: number;
  /** What a person should know of the labels, where there is something. */
  readonly note?: string;
}

/** A run as the list shows it. */
export interface ListedRun {
  readonly id: number;
  /** What it was for, such as `run` or `preview`. */
  readonly kind: string;
  /** The step of a run that it is; a run of several steps is its first one. */
  readonly step?: { readonly run: number; readonly name: string };
  readonly standing: RunStanding;
  /** Why its rows cannot be shown, in a whole sentence; `undefined` where they can. */
  readonly closed?: string;
  /** What was typed, as one line. @default another program has begun it */
  readonly command?: string;
  readonly inputs: string;
  readonly model: string;
  /** The first line of the prompt. */
  readonly prompt: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly touchedAt: number;
  /** How long it took, where it has ended and told that. */
  readonly ms?: number;
  /** Rows that are answered, or done where the run has not ended. */
  readonly rows: number;
  readonly failed: number;
  /** Why it ended early. */
  readonly stopped?: string;
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** US dollars, as far as prices were known. */
  readonly cost: number;
  /** How far it is, where it goes on and has told that. */
  readonly live?: LiveRun;
}

/** The journal, and its runs. */
export interface RunList {
  readonly journal: string;
  /** The process that writes to it now. */
  readonly writer?: number;
  readonly runs: readonly ListedRun[];
}

/** How far the rows of a run are read. */
export interface Reading {
  readonly state: "reading" | "read" | "refused";
  /** Rows that can be shown and found by now. */
  readonly rows: number;
  /** Another one: the run has gone on, and its rows were read anew. */
  readonly version: number;
  /** Why they cannot be read, where that is so. */
  readonly problem?: string;
  /** What a person should know of them, where there is something. */
  readonly note?: string;
}

/** Rows that have something in common. */
export interface CountedGroup {
  readonly value: string;
  readonly rows: number;
}

/** Failed rows that say the same but for numbers and names in it. */
export interface FailureGroup extends CountedGroup {
  readonly code: string;
  /** The message of one of them. */
  readonly example: string;
}

/** What all rows of a run come to. */
export interface RunOverview {
  readonly reading: Reading;
  readonly states: Readonly<Record<RowState, number>>;
  readonly failures: readonly FailureGroup[];
  /** By the code of a warning. */
  readonly warnings: readonly CountedGroup[];
  /** By the model that rows were asked of, where a run has several. */
  readonly models: readonly CountedGroup[];
  /** In the order in which they come. */
  readonly inputColumns: readonly string[];
  readonly outputColumns: readonly string[];
}

/** A row as the table shows it: long texts are cut. */
export interface RowLine {
  /** The row's place among those of the run, by which it is opened. */
  readonly place: number;
  /** Its number in the input, from 1. */
  readonly number: number;
  /** The number of the row of the input that it was made of. */
  readonly origin: number;
  readonly state: RowState;
  readonly code?: string;
  readonly message?: string;
  readonly warnings: readonly string[];
  /** Cells of the input by column, as text. */
  readonly input: Readonly<Record<string, string>>;
  /** Those of the first output. */
  readonly output: Readonly<Record<string, string>>;
  readonly outputs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly attempts: number;
  readonly durationMs?: number;
  readonly cost?: number;
  readonly model?: string;
  readonly label?: RowLabel;
  /** The row of the same input in the run that this one is compared with. */
  readonly other?: RowLine;
}

/** What became of a row in another run: its outputs are the same or not, one of the two has none, or it is not in the other. */
export const COMPARED_KINDS = ["same", "changed", "unanswered", "alone"] as const;
export type Compared = (typeof COMPARED_KINDS)[number];

/** How the rows of a run agree with those of another one, or of another model. */
export interface ComparisonTotals extends Readonly<Record<Compared, number>> {
  /** Rows of the other that this run has not. */
  readonly aloneThere: number;
  /** By column of outputs, those that both have. */
  readonly columns: readonly ColumnAgreement[];
}

/** How two runs agree in a column, among rows that have an output in both. */
export interface ColumnAgreement {
  readonly column: string;
  /** What it is called in the other run. */
  readonly other: string;
  readonly rows: number;
  readonly same: number;
  /** Cohen's kappa, where the column has few different values. */
  readonly kappa?: number;
  /** The most frequent changes, where it has few different values. */
  readonly changes: readonly ChangedValue[];
}

/** Rows that had one value, and have another. */
export interface ChangedValue {
  readonly from: string;
  readonly to: string;
  readonly rows: number;
}

/** Some rows, and where the next ones begin. */
export interface RowPage {
  readonly rows: readonly RowLine[];
  /** What to give as `after` for those that follow; `undefined` at the end. */
  readonly next?: string;
}

/** A text that may be too long to be sent as a whole. */
export interface SentText {
  readonly text: string;
  /** Characters of the whole text, where this is only its beginning. */
  readonly cutFrom?: number;
}

/** One request of a row that the journal has the response to. */
export interface Attempt {
  /** The run that has paid for it, where that is another one. */
  readonly run: number;
  readonly status: number;
  readonly code?: string;
  readonly sentAt: number;
  readonly durationMs: number;
  readonly attempts: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cost?: number;
  readonly choices: readonly AnsweredChoice[];
  /** The body of the response, as it came. */
  readonly body: SentText;
}

export interface AnsweredChoice {
  readonly text: SentText;
  readonly finishReason: string;
  readonly thoughts?: SentText;
}

/** A turn of the prompt. */
interface PromptMessage {
  readonly role: string;
  readonly content: SentText;
  readonly images: number;
}

/** Everything about a row. */
export interface RowDetail {
  /** The row of the same input in the run that this one is compared with. */
  readonly other?: RowDetail;
  readonly line: RowLine;
  /** What its answer is labelled by; `undefined` where rows cannot be labelled. */
  readonly answerId?: string;
  readonly input: readonly (readonly [column: string, cell: SentText])[];
  /** `undefined` where no prompt could be made of the row. */
  readonly prompt?: readonly PromptMessage[];
  readonly attempts: readonly Attempt[];
  readonly failure?: { readonly code: string; readonly stage: string; readonly message: string };
  /** The answer that could not be used. */
  readonly answer?: SentText;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  /** What the parser made of each choice, as JSON. */
  readonly outputs: readonly (readonly (readonly (readonly [column: string, cell: SentText])[])[])[];
}

/** How the cells of a column are distributed, among the rows that a filter leaves. */
export interface Distribution {
  readonly cells: number;
  readonly empty: number;
  /** Different cells; so many at least, where there are more than were told apart. */
  readonly distinct: number;
  /** The most frequent cells. */
  readonly values: readonly CountedGroup[];
  /** Where all cells but empty ones are numbers: how these are distributed. */
  readonly numbers?: Spread;
  /** How the lengths of cells are distributed, in characters. */
  readonly lengths: Spread;
}

/** Least, average and greatest of some numbers, and how many are in each of some parts of the same width. */
export interface Spread {
  readonly least: number;
  readonly average: number;
  readonly greatest: number;
  readonly bars: readonly number[];
}

/** Why a request of the page was refused. */
export interface Refusal {
  readonly error: string;
}
