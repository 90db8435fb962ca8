import { createParser, type EventSourceMessage } from "eventsource-parser";

const [COLON, BYTE_ORDER_MARK, LINE_FEED, RETURN, SPACE, TAB] = [0x3a, 0xfeff, 0x0a, 0x0d, 0x20, 0x09];
const BLANK: ReadonlySet<number> = new Set([BYTE_ORDER_MARK, LINE_FEED, RETURN, SPACE, TAB]);
const FIELD = /(?:data|event|id|retry)[ \t]*:/y;

/**
 * Whether a text is a stream of server-sent events, told by its beginning: a field of an event, with blank lines and
 * comments before it. No JSON and no web page begins so, and the content type of a gateway may say anything.
 */
export function isEventStream(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (BLANK.has(code)) continue;
    if (code !== COLON) {
      FIELD.lastIndex = at;
      return FIELD.test(text);
    }
    const ends = [text.indexOf("\n", at), text.indexOf("\r", at)].filter((end) => end >= 0);
    if (ends.length === 0) return false;
    at = Math.min(...ends);
  }
  return false;
}

/** Gives each event of a stream to `take`, also the last one if the stream ends without the blank line behind it. */
export function eachEvent(text: string, take: (event: EventSourceMessage) => void): void {
  const parser = createParser({ onEvent: take });
  parser.feed(text);
  parser.feed("\n\n");
}
