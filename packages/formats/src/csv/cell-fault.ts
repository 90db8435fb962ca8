import type { SourceNoteCode } from "../source/source-notes.ts";

/** What is wrong with a cell. */
export interface CellFault {
  readonly problem: string;
  /** The option that helps. */
  readonly option?: string;
  /** 1-based. */
  readonly line: number;
  /** The place of the cell in its record, from 0. */
  readonly cell: number;
}

const PROBLEMS: Partial<Record<SourceNoteCode, string>> = {
  QUOTE_IN_CELL: "a quote inside an unquoted cell; put the cell in quotes and double the quote",
  BLANKS_AROUND_QUOTES: "blanks between a quote and the end of its cell; remove them",
  RETURN_IN_CELL: "a carriage return by itself in an unquoted cell; put the cell in quotes",
};

/** What is wrong with a cell that is not tidy, where each has to be. */
export function problemOf(code: SourceNoteCode): string {
  return PROBLEMS[code] ?? "";
}

/** What is wrong where a closing quote does not end its cell, and the option that helps. */
export function textBehindQuote(behind: string, before: string): [problem: string, option: string] {
  if (/[;|\t]/.test(behind)) {
    const found = `${JSON.stringify(behind)} after the closing quote of a cell`;
    return [`${found}; if it separates the cells, set the option delimiter to it`, "delimiter"];
  }
  if (before === "\\") {
    const found = "text after the closing quote of a cell";
    return [
      `${found}; if a backslash in front of a quote makes it text, set the option escape to "\\\\"`,
      "escape",
    ];
  }
  return [
    "text after the closing quote of a cell; double a quote that belongs to the cell, or set the option quotes: false to read quotes as ordinary characters",
    "quotes",
  ];
}
