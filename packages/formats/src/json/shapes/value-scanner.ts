/** How far one JSON value reaches in a piece of text. */
export interface Scan {
  /** Index after the last character that belongs to the value. */
  readonly end: number;
  /** Line breaks passed. */
  readonly lines: number;
  readonly closed: boolean;
}

const NEWLINE = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * A function that finds the end of a value that begins at `start`, over as many pieces of text as it takes. It only
 * counts brackets outside of strings; whether the text is valid JSON is for `JSON.parse` to say.
 */
export function valueScanner(): (text: string, start: number) => Scan {
  let depth = 0;
  let inString = false;
  let escaped = false;
  return (text, start) => {
    let lines = 0;
    for (let at = start; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === NEWLINE) lines += 1;
      if (inString) {
        if (escaped) escaped = false;
        else if (code === BACKSLASH) escaped = true;
        else if (code === QUOTE) {
          inString = false;
          if (depth === 0) return { end: at + 1, lines, closed: true };
        }
      } else if (code === QUOTE) {
        inString = true;
      } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
        depth += 1;
      } else if (depth > 0) {
        if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
          depth -= 1;
          if (depth === 0) return { end: at + 1, lines, closed: true };
        }
      } else if (code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET || code <= SPACE) {
        // Only a number or a word is at its end where something else begins.
        return { end: at, lines: code === NEWLINE ? lines - 1 : lines, closed: true };
      }
    }
    return { end: text.length, lines, closed: false };
  };
}
