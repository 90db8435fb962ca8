/** The last bytes of a body that are looked at. The longest mark has fewer. */
const TAIL_BYTES = 256;

/** The last event of Chat Completions and of the many servers that took it over, and that of Anthropic. */
const END_MARK =
  /(?:^|[\r\n])(?:data:[ \t]*\[DONE\]|event:[ \t]*message_stop[ \t]*(?:\r\n|\n|\r)data:[^\r\n]*\})\s*$/;

/** Blank lines before the first event. */
const BLANK: ReadonlySet<number | undefined> = new Set(Buffer.from(" \t\r\n"));
/** How a field of an event, a comment or the byte order mark begins. No JSON does, nor anything compressed by gzip. */
const BEGINNINGS: ReadonlySet<number | undefined> = new Set([...Buffer.from("deir:"), 0xef]);

/** Tells whether a body that is being received is at the mark with which a stream of events ends. */
export class StreamEnd {
  #tail: Buffer | undefined;
  #mayBeStream: boolean | undefined;
  /** Whether the last that came is the mark. */
  isReached = false;

  take(chunk: Buffer): void {
    this.#mayBeStream ??= mayBegin(chunk);
    if (this.#mayBeStream !== true) return;
    const last = chunk.subarray(-TAIL_BYTES);
    this.#tail =
      this.#tail === undefined || last.length === TAIL_BYTES
        ? last
        : Buffer.concat([this.#tail, last]).subarray(-TAIL_BYTES);
    this.isReached = END_MARK.test(this.#tail.toString("latin1"));
  }
}

/** Whether a stream of events may begin so; `undefined` while there are blanks alone. */
function mayBegin(chunk: Buffer): boolean | undefined {
  let at = 0;
  while (BLANK.has(chunk[at])) at++;
  return at === chunk.length ? undefined : BEGINNINGS.has(chunk[at]);
}
