import type { Choice, Message, Row, Usage, Warning } from "@parallel-parrot/core";
import type { RunCourse } from "./run-course.ts";
import type { ListedRun, RowLabel, RowState } from "./wire.ts";

/** Where the page has its runs from. */
export interface RunSource {
  /** What the page calls it: the path of a journal. */
  readonly name: string;
  runs(): Promise<SourceRuns>;
  /**
   * How a run went, or goes; `undefined` where that was not noted.
   *
   * @default nothing is known of any run
   */
  courseOf?(run: number): Promise<RunCourse | undefined>;
  /**
   * Begins to read the rows of a run anew, with what the journal has for each.
   *
   * @throws Error that says why they cannot be read
   */
  open(run: number): Promise<OpenRun>;
  /**
   * Has failed rows of a run asked again; resolves when that has begun.
   *
   * @throws Error that says why not @default they cannot be
   */
  askAgain?(run: number, which: FailedChoice): Promise<void>;
  /** Where labels are kept. @default rows cannot be labelled */
  readonly labels?: KeptLabels;
}

/** Failed rows: those in one list or the other; all that may be answered now where both are empty. */
export interface FailedChoice {
  /** Numbers of rows in the input, from 1. */
  readonly rows: readonly number[];
  readonly codes: readonly string[];
}

/** What a person has said of answers, kept for the next time that they are looked at. */
export interface KeptLabels {
  list(): Promise<LabelList>;
  /**
   * Keeps a label in the place of the one before; an empty one takes it away.
   *
   * @param answer what the answer is known by
   * @throws Error that says why it cannot be kept
   */
  keep(answer: string, label: RowLabel): Promise<void>;
}

export interface LabelList {
  /** By what answers are known by. The same map until one of them is another. */
  readonly labels: ReadonlyMap<string, RowLabel>;
  /** What a person should know of them, in a whole sentence. */
  readonly note?: string;
}

/** The runs of a source, oldest first. */
export interface SourceRuns {
  readonly runs: readonly ListedRun[];
  /** The id of the process that works on one of them now. */
  readonly writer?: number;
}

/** A run whose rows can be read. */
export interface OpenRun {
  /** What a person should know of its rows once they are read, in a whole sentence; `undefined` for nothing. */
  readonly note: string | undefined;
  /** A column that was made for the rows, and names the model that each was asked of. */
  readonly modelColumn?: string | undefined;
  /** All rows, in packets. To be read once; it throws what is wrong with the input. */
  rows(): AsyncIterable<readonly ReadRow[]>;
  /** The messages that were made of a row; `undefined` where none could be made. */
  promptOf(row: Row, index: number): readonly Message[] | undefined;
  /** The responses with these keys, as the journal has them. */
  responsesOf(keys: readonly string[], row: Row): readonly KeptResponse[];
  /**
   * Writes rows as a file, and closes the stream. @default rows cannot be exported
   *
   * @param rows gives them, from the first on each time
   */
  exportRows?(
    format: ExportFormat,
    rows: () => AsyncIterable<ExportedRow>,
    into: WritableStream<Uint8Array>,
  ): Promise<void>;
  close(): void;
}

/** What rows can be exported as. */
export const EXPORT_FORMATS = ["csv", "jsonl", "parquet"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** A row as it is exported. */
export interface ExportedRow extends ReadRow {
  readonly label?: RowLabel;
}

/** A row of a run, and what became of it. */
export interface ReadRow {
  /** 0-based position in the input. */
  readonly index: number;
  readonly row: Row;
  readonly state: RowState;
  readonly failure?: RowFailure;
  readonly warnings: readonly Warning[];
  /** A list for each choice. */
  readonly outputs: readonly (readonly Row[])[];
  readonly usage: Usage;
  /** Requests that were sent for it. */
  readonly attempts: number;
  /** The keys of the responses that the journal has for it. */
  readonly keys: readonly string[];
  /** How long its requests took together; `undefined` where the journal has none. */
  readonly durationMs?: number;
  readonly cost?: number;
  /** The row of the input that it was made of, where a step or a comparison has numbered rows anew. @default its own index */
  readonly origin?: number;
  /** When its first request was sent, in milliseconds since 1970. */
  readonly sentAt?: number;
  /** The model that it was asked of, where a run has several. */
  readonly model?: string;
}

/** Why a row has no answer. */
export interface RowFailure {
  readonly stage: string;
  readonly code: string;
  readonly message: string;
  /** The answer that could not be used. */
  readonly answer?: string;
}

/** A response in the journal. */
export interface KeptResponse {
  readonly run: number;
  readonly status: number;
  readonly code?: string;
  readonly sentAt: number;
  readonly durationMs: number;
  readonly attempts: number;
  readonly usage: Usage;
  readonly cost?: number;
  readonly body: string;
  /** What the provider reads in the body; empty for a refusal. */
  readonly choices: readonly Choice[];
}
