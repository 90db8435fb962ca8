import { stripVTControlCharacters } from "node:util";
import { terminalLine } from "@parallel-parrot/core";
import { MARK, secretOf } from "./secret.ts";

const MAX_MESSAGE = 500;
/** A server may send megabytes, and Node.js takes quadratic time for some marks of terminals. */
const MAX_READ = 16 * 1024;

/**
 * Makes a server's message fit to be shown. The key is taken out in whatever form a server repeats it. Control
 * characters and marks that change the direction of text are removed, because the message may appear on a terminal.
 * Long messages are shortened.
 */
export function redact(message: string, secret: string): string {
  const key = secretOf(secret);
  const withoutKey = (words: string): string => key?.removeFrom(words) ?? words;
  // The key is taken out before the message is cut, lest a part of it stay, and where marks stood in it afterwards.
  const beginning = withoutKey(message).slice(0, MAX_READ);
  let text = withoutKey(stripVTControlCharacters(beginning))
    .replaceAll(/\b(?:sk|pk|rk|gsk|xai)-[\w*.-]{3,}/gi, MARK)
    // A key has digits, or stars if the server masked it; `x-api-key` and the like have neither and stay.
    .replaceAll(/\b(?:key|api)-[\w*.-]{3,}/gi, (word) => (/[\d*]/.test(word) ? MARK : word))
    .replaceAll(/(key provided: )\S+/gi, `$1${MARK}`);
  text = terminalLine(text).trim();
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;
}
