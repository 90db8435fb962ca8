/** How many columns the records have from a row on. */
export interface Width {
  /** 0-based. */
  readonly row: number;
  readonly columns: number;
}

/** How a CSV text is to be brought to one width. */
export interface Padding {
  /** The header in full, with its record delimiter. */
  readonly header: string;
  /** By ascending row, the first for row 0. */
  readonly widths: readonly Width[];
  readonly delimiter: string;
  readonly recordDelimiter: string;
}

const QUOTE = 0x22;

/** Gives CSV a new header and adds empty cells to the records that were written before the header grew. */
export async function* padRecords(
  chunks: AsyncIterable<Uint8Array>,
  { header, widths, delimiter, recordDelimiter }: Padding,
): AsyncGenerator<Uint8Array> {
  const recordEnd = recordDelimiter.charCodeAt(0);
  const lastByte = recordDelimiter.charCodeAt(recordDelimiter.length - 1);
  const fullWidth = columnsOf(widths.at(-1));
  let row = -1;
  let widthAt = 0;
  let quoted = false;
  yield Buffer.from(header);
  for await (const chunk of chunks) {
    const pieces: Uint8Array[] = [];
    let start = 0;
    for (const [at, byte] of chunk.entries()) {
      // A doubled quote closes and opens again, so it does not change what is open.
      if (byte === QUOTE) quoted = !quoted;
      if (quoted) continue;
      if (byte === recordEnd && row >= 0) {
        while ((widths[widthAt + 1]?.row ?? Infinity) <= row) widthAt += 1;
        const missing = fullWidth - columnsOf(widths[widthAt]);
        pieces.push(chunk.subarray(start, at), Buffer.from(delimiter.repeat(missing)));
        start = at;
      }
      if (byte === lastByte) {
        if (row === -1) start = at + 1;
        row += 1;
      }
    }
    if (row >= 0) pieces.push(chunk.subarray(start));
    yield Buffer.concat(pieces);
  }
}

/** A record of no columns has one empty cell in CSV. */
function columnsOf(width: Width | undefined): number {
  return Math.max(1, width?.columns ?? 1);
}
