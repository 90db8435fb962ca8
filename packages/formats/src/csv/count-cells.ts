/** How many cells a record of a sample has with some delimiter. */
export interface CellCount {
  readonly cells: number;
  /** Cells up to the last that is not empty. */
  readonly used: number;
}

/** How the cells of a sample are to be told apart. */
interface SampleDialect {
  readonly quotes: boolean;
  readonly escape: string | undefined;
  readonly comment: string | undefined;
}

/** At most so many records are looked at: the header, and rows. */
const MAX_RECORDS = 21;

/** What stands at the beginning of a CSV text. */
export interface Sample {
  /** Of each record that is whole, in order; blank lines and comments are none. */
  readonly counts: readonly CellCount[];
  /** How the first of them ends; `undefined` where it does not. */
  readonly lineEnd: "\n" | "\r\n" | "\r" | undefined;
  /** Whether more text would change nothing. */
  readonly isFull: boolean;
}

/** Counts the cells of the first records of a text, as a delimiter separates them. */
export function countCells(text: string, delimiter: string, dialect: SampleDialect, isEnd: boolean): Sample {
  const { quotes, escape, comment } = dialect;
  const counts: CellCount[] = [];
  let lineEnd: Sample["lineEnd"];
  let [cells, used, isBlank, isQuoted, isEmpty] = [1, 0, true, false, true];
  let [lineStart, closedAt] = [0, -2];

  function endRecord(end: Sample["lineEnd"]): void {
    if (!isEmpty) {
      counts.push({ cells, used });
      if (counts.length === 1) lineEnd = end;
    }
    [cells, used, isBlank, isEmpty] = [1, 0, true, true];
  }

  for (let at = 0; at < text.length && counts.length < MAX_RECORDS; at++) {
    const character = text.charAt(at);
    if (isQuoted) {
      if (character === escape) at += 1;
      else if (character === '"') [isQuoted, closedAt] = [false, at];
    } else if (at === lineStart && character === comment) {
      const { index } = /[\r\n]|$/.exec(text.slice(at)) ?? { index: 0 };
      at += index - 1;
      // The line end behind it ends an empty record.
      lineStart = -1;
    } else if (character === "\n" || character === "\r") {
      const pair = character === "\r" && text[at + 1] === "\n";
      if (character === "\r" && at + 1 === text.length && !isEnd) break;
      endRecord(pair ? "\r\n" : character);
      if (pair) at += 1;
      lineStart = at + 1;
    } else if (character === delimiter) {
      cells += 1;
      [isBlank, isEmpty] = [true, false];
    } else if (character !== " " && character !== "\t") {
      // A quote opens a cell, or is the second of two quotes inside one.
      if (quotes && character === '"') isQuoted = isBlank || closedAt === at - 1;
      else if (character === escape) at += 1;
      [isEmpty, isBlank, used] = [false, false, cells];
    }
  }
  const isFull = isEnd || counts.length >= MAX_RECORDS;
  if (isEnd && !isQuoted && counts.length < MAX_RECORDS) endRecord(undefined);
  return { counts, lineEnd, isFull };
}
