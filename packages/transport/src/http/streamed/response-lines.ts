import { decodeText } from "../decode-text.ts";
import { GatheredBytes } from "../gathered-bytes.ts";
import { HttpError } from "../http-error.ts";

/** Bounds on the lines of a response. */
export interface LineLimits {
  /** Of a line. A longer one is left out. */
  readonly maxLineBytes: number;
  /** Of all of them, decompressed. */
  readonly maxBytes: number;
  /** Is called for each line that is left out. */
  readonly onTooLong: (bytes: number) => void;
}

const LINE_END = "\n".codePointAt(0) ?? 0;

/**
 * The lines of a response that are not blank, as they come. No character is cut, wherever a chunk ends.
 *
 * @param contentType names the charset where it is not UTF-8
 * @throws HttpError if there is more than there may be
 */
export async function* responseLines(
  chunks: AsyncIterable<Buffer>,
  contentType: string,
  { maxLineBytes, maxBytes, onTooLong }: LineLimits,
): AsyncGenerator<string> {
  let bytes = 0;
  let line = new OpenLine(maxLineBytes);
  const close = (): string => {
    const { length } = line;
    if (length > maxLineBytes) onTooLong(length);
    const text = length > maxLineBytes ? "" : decodeText(line.bytes(), contentType);
    line = new OpenLine(maxLineBytes);
    return text;
  };
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new HttpError("RESPONSE_TOO_LARGE", `The response is larger than ${maxBytes} bytes`);
    let start = 0;
    for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, start)) {
      line.add(chunk.subarray(start, end));
      start = end + 1;
      const text = close();
      if (!isBlank(text)) yield text;
    }
    line.add(chunk.subarray(start));
  }
  const last = close();
  if (!isBlank(last)) yield last;
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}

/** The line that is being received. Of one that is too long nothing is kept. */
class OpenLine {
  length = 0;
  readonly #maxBytes: number;
  #parts = new GatheredBytes();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(part: Buffer): void {
    if (part.length === 0) return;
    this.length += part.length;
    if (this.length > this.#maxBytes) this.#parts = new GatheredBytes();
    else this.#parts.add(part);
  }

  bytes(): Buffer {
    return this.#parts.whole();
  }
}
