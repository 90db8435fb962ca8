import type { Row } from "../items/row.ts";

/** Why a run could not start or had to stop. A closed set: match on it. */
export type ErrorCode =
  | "INVALID_OPTION"
  | "INVALID_TEMPLATE"
  | "MISSING_COLUMN"
  | "MISSING_KEY"
  | "AUTHENTICATION"
  | "PERMISSION"
  | "NO_CREDIT"
  | "MODEL_NOT_FOUND"
  | "UNREACHABLE"
  | "NOT_THE_API"
  | "REDIRECTED"
  | "SETUP_FAILED"
  | "WAIT_TOO_LONG"
  /** The server refused many rows in succession with the same words. */
  | "SAME_REFUSAL"
  | "OUTAGE"
  | "BUDGET_EXHAUSTED"
  | "RUN_TIMEOUT"
  | "INTERRUPTED"
  /** The provider took no job of a batch, or refused most of its requests. */
  | "BATCH_REFUSED"
  /** A job of a batch cannot be seen with this key. */
  | "BATCH_NOT_VISIBLE"
  /** Jobs of a batch have not ended, and are not waited for. */
  | "BATCH_OPEN"
  | "ROW_FAILED"
  | "INPUT_NOT_FOUND"
  | "INPUT_UNREADABLE"
  | "INVALID_INPUT"
  | "EMPTY_INPUT"
  | "UNKNOWN_FORMAT"
  | "OUTPUT_UNWRITABLE"
  | "OUTPUT_EXISTS"
  /** Another process writes it. */
  | "OUTPUT_IN_USE"
  /** Another process, or another part of this one, writes to the journal. */
  | "JOURNAL_IN_USE"
  /** The file is no journal, or one of a newer version, or cannot be opened where it is. */
  | "JOURNAL_UNUSABLE"
  /** Somebody else has kept answers in the journal, or a version that did not sign them. */
  | "JOURNAL_FOREIGN"
  /** An answer could not be made durable, or not be read again. */
  | "JOURNAL_FAILED"
  /** More rows failed than the run allows. */
  | "TOO_MANY_FAILURES"
  /** Code threw on so many rows (`STAGE_FAILED`) that it would throw on the others too. */
  | "TOO_MANY_FAULTS";

/** Where in the input a {@linkcode ParrotError} was found, and its cause. */
export interface ParrotErrorOptions {
  readonly cause?: unknown;
  readonly file?: string;
  /** 1-based line of `file`. */
  readonly line?: number;
  /** 0-based row of the input. */
  readonly row?: number;
  readonly column?: string;
  /** The option at fault, as its user writes it. */
  readonly option?: string;
  /** Rows that were finished before the run had to stop, where nothing else hands them over. */
  readonly finished?: readonly Row[];
}

/**
 * An error of the whole run: wrong options, unreadable input, or a provider that will not answer any row.
 * Its message says what to do. Callers match on `code`, not on the class (copies of a package may differ).
 */
export class ParrotError extends Error {
  override readonly name: string = "ParrotError";
  readonly code: ErrorCode;
  readonly file?: string;
  readonly line?: number;
  readonly row?: number;
  readonly column?: string;
  readonly option?: string;
  readonly finished?: readonly Row[];

  constructor(code: ErrorCode, message: string, options: ParrotErrorOptions = {}) {
    const { cause, ...position } = options;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    Object.assign(this, position);
  }
}

/** Whether a value is a {@linkcode ParrotError}, of this copy of the package or another. */
export function isParrotError(value: unknown): value is ParrotError {
  return value instanceof Error && value.name === "ParrotError" && "code" in value;
}
