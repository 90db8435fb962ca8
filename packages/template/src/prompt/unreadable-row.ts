import { messageOf, nestingProblem, quote, setCell, type Row } from "@parallel-parrot/core";

/** A row with a cell that cannot be read. */
export interface UnreadableRow {
  /** What is wrong, in words. */
  readonly problem: string;
  /** The same row with null in place of each cell that cannot be read. */
  readonly row: Row;
}

/**
 * Reads each cell of a row once; `undefined` where all of them can be read. A getter or proxy may throw, and a cell may
 * be nested too deeply or contain itself. Such a row fails here, before anything is paid for it and before a later
 * stage meets it.
 */
export function unreadableRow(row: Row): UnreadableRow | undefined {
  try {
    for (const column of Object.keys(row)) {
      const problem = nestingProblem(row[column]);
      if (problem !== undefined) return { row, problem: `the cell of column ${quote(column)} ${problem}` };
    }
    return undefined;
  } catch {
    return readWhatCanBe(row);
  }
}

function readWhatCanBe(row: Row): UnreadableRow {
  const readable: Row = {};
  const problems: string[] = [];
  try {
    for (const column of Object.keys(row)) setCell(readable, column, readCell(row, column, problems));
  } catch (error) {
    problems.push(`its columns cannot be listed: ${messageOf(error)}`);
  }
  return {
    row: readable,
    problem: problems[0] ?? "a cell could not be read at first, but could be read a moment later",
  };
}

function readCell(row: Row, column: string, problems: string[]): unknown {
  try {
    return row[column];
  } catch (error) {
    problems.push(`the cell of column ${quote(column)} cannot be read: ${messageOf(error)}`);
    return null;
  }
}
