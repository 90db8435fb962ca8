/** The last bytes of a body that are looked at. The longest mark has fewer. */
const TAIL_BYTES = 256;

/** The last event of Chat Completions and of the many servers that took it over, and that of Anthropic. */
const END_MARK =
  /(?:^|[\r\n])(?:data:[ \t]*\[DONE\]|event:[ \t]*message_stop[ \t]*(?:\r\n|\n|\r)data:[^\r\n]*\})\s*$/;

/** Tells whether a body that is being received is at the mark with which a stream of events ends. */
export class StreamEnd {
  #tail: Buffer = Buffer.alloc(0);
  /** Whether the last that came is the mark. */
  isReached = false;

  take(chunk: Buffer): void {
    const last = chunk.subarray(-TAIL_BYTES);
    this.#tail = last.length === TAIL_BYTES ? last : Buffer.concat([this.#tail, last]).subarray(-TAIL_BYTES);
    this.isReached = END_MARK.test(this.#tail.toString("latin1"));
  }
}
