import { ParrotError } from "@parallel-parrot/core";

/** What an input is called in messages. */
export interface InputName {
  /** For a person: the path, or "standard input". */
  readonly label: string;
  /** What errors carry: the `file`, and the `option` that named it; empty for a stream. */
  readonly position: { readonly file?: string; readonly option?: string };
}

/** Where in an input something is wrong. */
export interface InputPosition {
  /** 1-based. */
  readonly line?: number;
  /** 0-based. */
  readonly row?: number;
  /** Its name. */
  readonly column?: string;
}

/** The error of an input that breaks the rules of its format. */
export function invalidInput(
  name: InputName,
  at: InputPosition,
  problem: string,
  { cause, option }: { readonly cause?: unknown; readonly option?: string | undefined } = {},
): ParrotError {
  const where = at.line === undefined ? name.label : `${name.label}, line ${at.line}`;
  return new ParrotError("INVALID_INPUT", `Cannot read ${where}: ${problem}`, {
    ...name.position,
    ...at,
    ...(option === undefined ? {} : { option }),
    cause,
  });
}

/** The error of a record above the cap. */
export function recordTooLong(name: InputName, at: InputPosition, maxRecordBytes: number): ParrotError {
  return invalidInput(
    name,
    at,
    `the record has more than ${maxRecordBytes} bytes; is a quote or bracket never closed? ` +
      `If not, raise the option maxRecordBytes`,
  );
}

/** The error of an input without a single record. */
export function emptyInput(name: InputName): ParrotError {
  return new ParrotError("EMPTY_INPUT", `Cannot read ${name.label}: it is empty`, name.position);
}
